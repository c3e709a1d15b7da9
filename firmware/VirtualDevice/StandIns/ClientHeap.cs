namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>
/// Bytes of the heap that the WebSocket client's calls take, each on the thread of its caller: so a test can tell the
/// firmware's own from those of its client.
/// </summary>
internal sealed class ClientHeap
{
    private long _lastHandled;

    /// <summary>Messages that the client was given. The device's thread alone sends, and looks here.</summary>
    public long Sends { get; private set; }

    /// <summary>What the client took on the device's thread for all of them.</summary>
    public long TakenBySends { get; private set; }

    /// <summary>What the firmware took on the client's thread for the message that came last; from any thread.</summary>
    public long TakenForLastReceived => Interlocked.Read(ref _lastHandled);

    public void Sent(long bytes)
    {
        Sends++;
        TakenBySends += bytes;
    }

    public void Received(long bytes) => Interlocked.Exchange(ref _lastHandled, bytes);
}
