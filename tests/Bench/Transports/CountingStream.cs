namespace IoTGateway.Bench.Transports;

/// <summary>What goes over the sockets of all devices of a run: TLS and HTTP included, TCP and IP not.</summary>
internal sealed class SocketCount
{
    private long _up;
    private long _down;
    private long _requests;
    private long _rows;

    public long Bytes => Interlocked.Read(ref _up) + Interlocked.Read(ref _down);

    public long Requests => Interlocked.Read(ref _requests);

    public long Rows => Interlocked.Read(ref _rows);

    public void AddRows(int rows) => Interlocked.Add(ref _rows, rows);

    public void AddUp(int bytes) => Interlocked.Add(ref _up, bytes);

    public void AddDown(int bytes) => Interlocked.Add(ref _down, bytes);

    public void AddRequest() => Interlocked.Increment(ref _requests);
}

/// <summary>A socket's stream that counts what passes; TLS is laid over it.</summary>
internal sealed class CountingStream(Stream socket, SocketCount count) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await socket.ReadAsync(buffer, cancellationToken);
        count.AddDown(read);
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        count.AddUp(buffer.Length);
        return socket.WriteAsync(buffer, cancellationToken);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int length, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, length), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int length, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, length), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int length)
    {
        var read = socket.Read(buffer, offset, length);
        count.AddDown(read);
        return read;
    }

    public override void Write(byte[] buffer, int offset, int length)
    {
        count.AddUp(length);
        socket.Write(buffer, offset, length);
    }

    public override void Flush() => socket.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => socket.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            socket.Dispose();
        base.Dispose(disposing);
    }
}
