using System.Collections.Concurrent;
using IoTGateway.Mqtt.Packets;
using IoTGateway.Mqtt.Session;

namespace IoTGateway.Mqtt.Connection;

/// <summary>One connection that the broker has accepted, until it ends: what comes, what goes, and its pulse.</summary>
internal sealed partial class BrokerLink(
    PacketStream packets,
    MqttVersion version,
    ConnAck ack,
    MqttOptions options,
    ClientSession session,
    TimeProvider time
)
{
    /// <summary>Publishes gather up to here before they are written.</summary>
    private const int BytesPerWrite = 64 * 1024;

    private readonly PacketWriter _writer = new();
    private readonly ConcurrentQueue<ushort> _handled = new();
    private int _unhandled;
    private int _pingsDue;
    private bool _pongMissing;
    private bool _isWriting;
    private byte _farewell = ReasonCode.Success;

    /// <summary>The broker asked to go elsewhere.</summary>
    public bool IsReferral { get; private set; }

    /// <summary>Runs until the connection ends.</summary>
    /// <param name="cancellationToken">Ends it in order, with a DISCONNECT.</param>
    /// <returns>Why it ended, for a person.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<string>[] loops = [ReceiveAsync(stop.Token), SendAsync(stop.Token), BeatAsync(stop.Token)];
        var first = await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        // Half a packet on the wire leaves nothing to say.
        if (!_isWriting && (cancellationToken.IsCancellationRequested || _farewell != ReasonCode.Success))
            await SayGoodbyeAsync();
        return await first;
    }

    private async Task<string> SendAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                _writer.Clear();
                Gather();
                if (_writer.Length == 0)
                {
                    await session.Wake.WaitAsync(stop);
                    continue;
                }
                _isWriting = true;
                await packets.WriteAsync(_writer, stop);
                _isWriting = false;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return Words(e);
        }
    }

    private void Gather()
    {
        if (Interlocked.Exchange(ref _pingsDue, 0) > 0)
            Ping.WriteRequest(_writer);
        while (_handled.TryDequeue(out var id))
            PubAck.Write(_writer, id);
        while (session.Subscriptions.TryWriteNext(_writer, version)) { }
        while (_writer.Length < BytesPerWrite && session.Outbox.TryWriteNext(_writer, version, ack.Limits)) { }
    }

    /// <summary>§3.1.2.10: something must be sent in every keep alive, and §3.12.4: it must be answered.</summary>
    private async Task<string> BeatAsync(CancellationToken stop)
    {
        var every =
            ack.Limits.KeepAlive is { Ticks: > 0 } theirs && theirs < options.KeepAlive ? theirs : options.KeepAlive;
        try
        {
            while (true)
            {
                await Task.Delay(every, time, stop);
                if (Volatile.Read(ref _pongMissing))
                    return $"the broker has not answered a PINGREQ for {every.TotalSeconds:0.#} s";
                Volatile.Write(ref _pongMissing, true);
                Interlocked.Exchange(ref _pingsDue, 1);
                session.Wake.Set();
            }
        }
        catch (OperationCanceledException e)
        {
            return Words(e);
        }
    }

    private async Task SayGoodbyeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        _writer.Clear();
        Disconnect.Write(_writer, version, _farewell);
        try
        {
            await packets.WriteAsync(_writer, limit.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The broker has gone already.
        }
    }

    private static string Words(Exception e) =>
        e is IOException ? $"the connection broke: {e.Message}" : "this client disconnects";
}
