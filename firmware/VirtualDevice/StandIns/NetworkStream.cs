using Platform = System.Net.Sockets;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>.NET's stream over a socket, by a device's radio: where that is mute, nothing goes out and nothing comes in.</summary>
internal class NetworkStream : Platform.NetworkStream
{
    private readonly Radio _radio;
    private readonly CancellationTokenSource _closed;

    public NetworkStream(Socket socket, bool ownsSocket)
        : this(socket, ownsSocket, Machine.Current.Radio, socket.Closed) { }

    public NetworkStream(Platform.Socket socket, bool ownsSocket, Radio radio, CancellationToken closed)
        : base(socket, ownsSocket)
    {
        _radio = radio;
        _closed = CancellationTokenSource.CreateLinkedTokenSource(closed);
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = base.Read(buffer, offset, count);
        AwaitRadio(reading: true);
        return read;
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        AwaitRadio(reading: false);
        base.Write(buffer, offset, count);
    }

    public override int Read(Span<byte> buffer)
    {
        var read = base.Read(buffer);
        AwaitRadio(reading: true);
        return read;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        AwaitRadio(reading: false);
        base.Write(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await base.ReadAsync(buffer, cancellationToken);
        await RadioAsync();
        return read;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default
    )
    {
        await RadioAsync();
        await base.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        // What waits for the radio waits no longer.
        if (disposing)
            _closed.Cancel();
        base.Dispose(disposing);
    }

    /// <summary>Whoever cancels a transfer ends the connection with it, and so this too.</summary>
    private Task RadioAsync() =>
        _radio.Heard is { IsCompleted: true } heard ? heard : _radio.Heard.WaitAsync(_closed.Token);

    private void AwaitRadio(bool reading)
    {
        var heard = _radio.Heard;
        if (heard.IsCompleted)
            return;
        try
        {
            // Asked for only now: each time it is, the socket allocates.
            if (!heard.Wait(reading ? ReadTimeout : WriteTimeout, _closed.Token))
                throw new IOException("nothing comes in or goes out in time");
        }
        catch (OperationCanceledException e)
        {
            throw new IOException("the socket was closed", e);
        }
    }
}
