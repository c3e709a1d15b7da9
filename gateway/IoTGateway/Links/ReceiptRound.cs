namespace IoTGateway.Links;

/// <summary>
/// The links that a sync has given receipts for. They are sent when all of that sync are known, one link after the other on
/// the journal's own thread: a link with many gets one, and nobody has to be woken. For that thread alone.
/// </summary>
internal sealed class ReceiptRound
{
    private readonly List<DeviceSession> _links = [];

    /// <summary>A link stands here once at most.</summary>
    public void Add(DeviceSession session) => _links.Add(session);

    /// <summary>A send that cannot end at once goes on by itself: no link waits for another's device.</summary>
    public void Send()
    {
        foreach (var session in _links)
            session.SendReceipts();
        _links.Clear();
    }
}
