namespace IoTGateway.Sockets;

/// <summary>
/// What many connections are to send, in one call of the system: between <see cref="Begin"/> and <see cref="End"/> flushes on
/// this thread wait for each other. For one thread at a time.
/// </summary>
internal sealed class SendRound : IDisposable
{
    [ThreadStatic]
    private static SendRound? s_current;

    private readonly CallBatch? _writes = CallBatch.ForWrites();
    private readonly SocketWriting[] _writings = new SocketWriting[CallBatch.Most];

    /// <summary>The one that has begun on this thread.</summary>
    public static SendRound? Current => s_current;

    public void Begin() => s_current = _writes is null ? null : this;

    /// <summary>Sends what there is; each whose flush has waited goes on, on this thread.</summary>
    public void End()
    {
        // What they flush now is sent at once.
        s_current = null;
        if (_writes is not { Count: > 0 })
            return;
        _writes.Submit();
        for (var i = 0; i < _writes.Count; i++)
            _writings[i].EndSend(Math.Max(0, _writes.ResultOf(i)));
        _writes.Clear();
    }

    /// <summary>Takes a connection in, which hears by <see cref="SocketWriting.EndSend"/> how much was sent.</summary>
    /// <param name="writing">Its.</param>
    /// <param name="bytes">To be sent, <see cref="CallBatch.MostBytes"/> at most.</param>
    public void Add(SocketWriting writing, ReadOnlySpan<byte> bytes)
    {
        if (_writes!.IsFull) // there are some: this one has begun
        {
            End();
            Begin();
        }
        bytes.CopyTo(_writes.RoomOf(_writes.Count));
        _writings[_writes.Count] = writing;
        _writes.Add(writing.Handle, bytes.Length);
    }

    public void Dispose() => _writes?.Dispose();
}
