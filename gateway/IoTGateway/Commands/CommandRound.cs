using System.Data.Common;

namespace IoTGateway.Commands;

/// <summary>
/// One transaction's worth of decisions. What may be seen outside (a message on a link, an answer to whoever asked)
/// waits until it is on disk.
/// </summary>
internal sealed class CommandRound(DbConnection connection)
{
    private readonly List<Action> _afterCommit = [];

    public DbConnection Connection => connection;

    public void AfterCommit(Action action) => _afterCommit.Add(action);

    /// <summary>It is on disk.</summary>
    public void Committed()
    {
        foreach (var action in _afterCommit)
            action();
    }
}
