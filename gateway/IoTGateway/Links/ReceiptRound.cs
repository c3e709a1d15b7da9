using IoTGateway.Sockets;

namespace IoTGateway.Links;

/// <summary>
/// The links that a sync has given receipts for. They are sent when all of that sync are known, together and on the journal's
/// own thread: a link with many gets one, and nobody has to be woken. For that thread alone.
/// </summary>
internal sealed class ReceiptRound : IDisposable
{
    private readonly List<DeviceSession> _links = [];
    private readonly SendRound _sends = new();

    /// <summary>A link stands here once at most.</summary>
    public void Add(DeviceSession session) => _links.Add(session);

    /// <summary>A send that cannot end at once goes on by itself: no link waits for another's device.</summary>
    public void Send()
    {
        _sends.Begin();
        try
        {
            foreach (var session in _links)
                session.SendReceipts();
        }
        finally
        {
            _sends.End();
            _links.Clear();
        }
    }

    public void Dispose() => _sends.Dispose();
}
