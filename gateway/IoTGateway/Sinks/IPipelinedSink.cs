using IoTGateway.Journal;

namespace IoTGateway.Sinks;

/// <summary>
/// A sink whose database shall never wait for the gateway: it is sent the next batches while those before are under
/// way. The receipts are heard one batch after the other, in the journal's order, by <see cref="ISink.WriteAsync"/>;
/// whatever a batch that is kept has behind it comes again.
/// </summary>
internal interface IPipelinedSink : ISink
{
    /// <summary>Most batches under way, as things are.</summary>
    int BatchesAtOnce { get; }

    /// <summary>
    /// Sends a batch behind those under way. Returns when the next may be sent, which says nothing of what is stored;
    /// the batch must stay as it is until then. Throws: then nothing is under way any more, and all comes again.
    /// </summary>
    ValueTask SendAsync(JournalBatch batch, CancellationToken cancellationToken);

    /// <summary>Waits for whatever is under way and forgets it: it comes again.</summary>
    ValueTask AbandonAsync();
}
