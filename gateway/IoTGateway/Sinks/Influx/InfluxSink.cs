using IoTGateway.Devices;
using IoTGateway.Journal;

namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Writes rows to InfluxDB 1, 2 and 3, VictoriaMetrics, and whatever else speaks their write call. Repeats change
/// nothing there, so a batch that was kept is simply sent again.
/// </summary>
internal sealed class InfluxSink : IPipelinedSink, IDisposable
{
    /// <summary>A request is sent at this many lines or bytes, whichever comes first.</summary>
    public const int LinesPerRequest = 5_000;
    public const int BytesPerRequest = 1 << 20;

    /// <summary>Requests under way at once, while all is well.</summary>
    public const int MostLanes = 4;

    /// <summary>
    /// Likewise, to a database on this machine, which works on no more of them at a time than there are cores: the others would
    /// only get into each other's way.
    /// </summary>
    public static readonly int MostLanesHere = Math.Clamp(Environment.ProcessorCount, 2, MostLanes);

    private static readonly JournalOffset Nothing = new(-1);

    private readonly InfluxClient _client;
    private readonly SinkRows _rows;
    private readonly LineTemplates _templates = new();
    private readonly InfluxLane[] _lanes;
    private readonly Queue<Stretch> _underWay = new();
    private readonly LineRetry _retry;
    private readonly RejectedRows _rejected;
    private readonly SkipLog _skipped;

    // Halved after a request that took too long, so that a slow database gets what it can manage; it grows again slowly.
    private int _linesPerRequest = LinesPerRequest;

    // After a batch that was kept, one request at a time, until a whole batch is taken.
    private bool _isTroubled;

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
        _skipped = new SkipLog(Name, clock, logger);
        _rejected = rejected;
        _client = new InfluxClient(options, clock, handler);
        _rows = new SinkRows(catalogs, Counters, _skipped);
        // In one more the next lines are written, while the others are under way.
        var lanes = 1 + (_client.IsHere ? MostLanesHere : MostLanes);
        _lanes = [.. Enumerable.Range(0, lanes).Select(_ => new InfluxLane(_client, options))];
        _retry = new LineRetry(_client, options);
        SettlesAfter = options.Resend;
    }

    public string Name => "influx";

    public SinkCounters Counters { get; } = new();

    public JournalOffset? Position => null;

    public TimeSpan SettlesAfter { get; }

    /// <summary>A journal batch of this size makes some dozen requests.</summary>
    public SinkRunnerOptions RunnerOptions { get; } = new() { BatchBytes = 2 << 20 };

    /// <summary>
    /// A database answers some requests late: VictoriaMetrics those in which it sorts what it has gathered. Meanwhile the
    /// lanes carry what these batches hold.
    /// </summary>
    public int BatchesAtOnce => MostLanesNow == 1 ? 1 : 3;

    private int MostLanesNow => _isTroubled || _linesPerRequest < LinesPerRequest ? 1 : _lanes.Length - 1;

    /// <summary>Hears the receipts of a batch, the oldest under way; where none is, it is sent first.</summary>
    public async ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        var verdict = default(SinkVerdict);
        var mayHaveForgotten = false;
        try
        {
            if (!_underWay.TryPeek(out var oldest) || oldest.Batch != batch)
            {
                mayHaveForgotten = await EndAsync();
                await SendAsync(batch, cancellationToken);
            }
            verdict = await SettleAsync(batch);
        }
        finally
        {
            if (!verdict.Accepted)
                mayHaveForgotten |= await EndAsync();
        }
        _isTroubled = !verdict.Accepted;
        if (verdict.Accepted)
            _storedThrough = Nothing;
        return verdict with { MayHaveForgotten = verdict.MayHaveForgotten || mayHaveForgotten };
    }

    /// <summary>Fills one lane after the other and starts it when there is room on the way.</summary>
    public async ValueTask SendAsync(JournalBatch batch, CancellationToken cancellationToken)
    {
        var isSent = false;
        try
        {
            for (var record = 0; record < batch.Count; )
            {
                var lane = FreeLane();
                record = Fill(lane.Lines, batch, record);
                await RoomAsync();
                // Whatever follows would come again.
                if (_underWay.Any(stretch => stretch.HasFailed))
                    break;
                var answer = lane.Start(batch, _linesPerRequest, cancellationToken);
                _underWay.Enqueue(new Stretch(batch, IsLast: record == batch.Count, answer));
            }
            isSent = true;
        }
        finally
        {
            if (!isSent)
                await EndAsync();
        }
    }

    public async ValueTask AbandonAsync() => await EndAsync();

    public ValueTask<RetryAnswer> RetryAsync(IReadOnlyList<RejectedEntry> rows, CancellationToken cancellationToken) =>
        _retry.SendAsync(rows, cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <summary>Writes the lines of one stretch; returns the record after it.</summary>
    private int Fill(LineBatch lines, JournalBatch batch, int record)
    {
        while (record < batch.Count && lines is { Lines: < LinesPerRequest, Length: < BytesPerRequest })
        {
            if (batch[record].Offset > _storedThrough)
                AddLines(lines, batch[record], record);
            record++;
        }
        return record;
    }

    private void AddLines(LineBatch lines, in JournalRecord record, int index)
    {
        var blocks = _rows.Open(record);
        while (blocks.TryRead())
        {
            var block = _rows.Block;
            var template = _templates.For(record.Device, block.Sensor);
            for (var row = 0; row < block.Rows; row++)
                lines.Add(template, block, row, index);
        }
    }

    /// <summary>The lines that are written next.</summary>
    private InfluxLane FreeLane()
    {
        var lane = _lanes.First(lane => lane.Sending.IsCompleted);
        lane.Lines.Clear();
        return lane;
    }

    /// <summary>Returns when one more request may go out.</summary>
    private async ValueTask RoomAsync()
    {
        while (true)
        {
            Task[] sending = [.. _lanes.Select(lane => lane.Sending).Where(sending => !sending.IsCompleted)];
            if (sending.Length < MostLanesNow)
                return;
            await Task.WhenAny(sending);
        }
    }

    /// <summary>Goes through a batch's stretches in their order; none counts before those ahead of it do.</summary>
    private async ValueTask<SinkVerdict> SettleAsync(JournalBatch batch)
    {
        Stretch stretch;
        do
        {
            if (!_underWay.TryPeek(out stretch) || stretch.Batch != batch)
                throw new InvalidOperationException("A batch was not sent whole.");
            _underWay.Dequeue();
            var answer = await stretch.Answer;
            Account(answer);
            if (!answer.Verdict.Accepted)
                return answer.Verdict;
        } while (!stretch.IsLast);
        return SinkVerdict.Accept;
    }

    /// <summary>Counts what was stored, and keeps what was refused.</summary>
    private void Account(StretchAnswer answer)
    {
        for (var request = 0; request < answer.Requests; request++)
            _linesPerRequest = Math.Min(LinesPerRequest, _linesPerRequest + Math.Max(1, _linesPerRequest / 50));
        if (answer.TooSlow > 0)
            _linesPerRequest = Math.Max(1, answer.TooSlow / 2);
        if (answer.Rejected is [var first, ..])
        {
            _rejected.Add(Name, answer.Rejected);
            Counters.AddRejected(answer.Rejected.Count);
            _skipped.Rejected(answer.Rejected.Count, first.Device, first.Reason);
        }
        Counters.AddStored(answer.Rows, answer.Readings);
        _storedThrough = answer.Through ?? _storedThrough;
    }

    /// <summary>Waits for what is under way and drops it: what it stored comes again, which changes nothing.</summary>
    /// <returns>Whether any of it met a database that may have forgotten what it took.</returns>
    private async ValueTask<bool> EndAsync()
    {
        var mayHaveForgotten = false;
        while (_underWay.TryDequeue(out var stretch))
        {
            await ((Task)stretch.Answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            mayHaveForgotten |=
                stretch.Answer.IsCompletedSuccessfully && (await stretch.Answer).Verdict.MayHaveForgotten;
        }
        return mayHaveForgotten;
    }
}
