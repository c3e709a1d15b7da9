using IoTGateway.Devices;
using IoTGateway.Journal;

namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Writes rows to InfluxDB 1, 2 and 3, VictoriaMetrics, and whatever else speaks their write call. Repeats change
/// nothing there, so a batch that was kept is simply sent again.
/// </summary>
internal sealed class InfluxSink : ISink, IDisposable
{
    /// <summary>A request is sent at this many lines or bytes, whichever comes first.</summary>
    public const int LinesPerRequest = 5_000;
    public const int BytesPerRequest = 1 << 20;

    private static readonly JournalOffset Nothing = new(-1);

    private readonly InfluxClient _client;
    private readonly SinkRows _rows;
    private readonly LineBatch _lines = new();
    private readonly PoisonSearch _search;

    // Up to here the batch in hand is stored already, should its rest be kept and the batch come again.
    private JournalOffset _storedThrough = Nothing;

    /// <param name="options">Validated.</param>
    /// <param name="catalogs">Say how records read.</param>
    /// <param name="rejected">Takes the rows the database refuses for good.</param>
    /// <param name="clock">For Retry-After, and to keep the log quiet.</param>
    /// <param name="logger">Never sees the token.</param>
    /// <param name="handler"><see cref="InfluxClient.CreateHandler"/>; disposed with the sink.</param>
    public InfluxSink(
        InfluxOptions options,
        CatalogStore catalogs,
        RejectedRows rejected,
        TimeProvider clock,
        ILogger<InfluxSink> logger,
        HttpMessageHandler handler
    )
    {
        var skipped = new SkipLog(Name, clock, logger);
        _client = new InfluxClient(options, clock, handler);
        _rows = new SinkRows(catalogs, Counters, skipped);
        _search = new PoisonSearch(Name, _client, options, rejected, Counters, skipped);
    }

    public string Name => "influx";

    public SinkCounters Counters { get; } = new();

    public JournalOffset? Position => null;

    /// <summary>A journal batch of this size makes one to some dozen requests.</summary>
    public SinkRunnerOptions RunnerOptions { get; } = new() { BatchBytes = 64 * 1024 };

    public async ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        _lines.Clear();
        for (var record = 0; record < batch.Count; record++)
        {
            if (batch[record].Offset <= _storedThrough)
                continue;
            AddLines(batch[record], record);
            var isFull = _lines.Lines >= LinesPerRequest || _lines.Length >= BytesPerRequest;
            if (!isFull && record < batch.Count - 1)
                continue;
            var verdict = await SendAsync(batch, cancellationToken);
            if (!verdict.Accepted)
                return verdict;
            _storedThrough = batch[record].Offset;
        }
        _storedThrough = Nothing;
        return SinkVerdict.Accept;
    }

    public void Dispose() => _client.Dispose();

    private void AddLines(in JournalRecord record, int index)
    {
        var blocks = _rows.Open(record);
        while (blocks.TryRead())
        {
            var block = _rows.Block;
            var template = _lines.TemplateFor(record.Device, block.Sensor);
            for (var row = 0; row < block.Rows; row++)
                _lines.Add(template, block, row, index);
        }
    }

    private async ValueTask<SinkVerdict> SendAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        for (int from = 0, to; from < _lines.Lines; from = to)
        {
            to = _lines.EndOfRequest(from, LinesPerRequest, BytesPerRequest);
            var verdict = await _search.SendAsync(_lines, from, to, batch, cancellationToken);
            if (!verdict.Accepted)
                return verdict;
        }
        _lines.Clear();
        return SinkVerdict.Accept;
    }
}
