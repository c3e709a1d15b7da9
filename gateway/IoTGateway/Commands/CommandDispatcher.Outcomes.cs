namespace IoTGateway.Commands;

/// <summary>For who must hear of every outcome, also of one that came while he or the gateway was away.</summary>
internal sealed partial class CommandDispatcher
{
    /// <summary>
    /// Changes of all commands. From here on each outcome of a new one stays among <see cref="Untold"/> until
    /// <see cref="MarkToldAsync"/>; call it before anything runs.
    /// </summary>
    public CommandSubscription SubscribeToOutcomes()
    {
        _book.KeepsUntold = true;
        return Changes.Subscribe();
    }

    /// <summary>The oldest commands that have ended and were not told of.</summary>
    public IReadOnlyList<DeviceCommand> Untold(int most)
    {
        using var connection = _database.Open(durable: false);
        return CommandStore.Untold(connection, most);
    }

    /// <summary>Outcomes that were told. A power cut may forget that: they are told again.</summary>
    public ValueTask<int> MarkToldAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken) =>
        _database.WriteAsync(
            connection =>
            {
                using var transaction = connection.BeginTransaction();
                foreach (var id in ids)
                    CommandStore.MarkTold(connection, id);
                transaction.Commit();
                return ids.Count;
            },
            cancellationToken,
            durable: false
        );
}
