using System.Text;
using IoTGateway.Journal;

namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Carries one stretch of a batch at a time to the database. Lanes overtake each other: what counts as stored, and in
/// which order, is the sink's to say.
/// </summary>
internal sealed class InfluxLane(InfluxClient client, InfluxOptions options)
{
    private readonly PoisonSearch _search = new(client, options);
    private readonly List<(int Line, string Reason)> _poison = [];
    private Task<StretchAnswer>? _sending;

    /// <summary>What is sent; leave it alone while <see cref="Sending"/> is not done.</summary>
    public LineBatch Lines { get; } = new();

    /// <summary>Done when the lane is free.</summary>
    public Task Sending => _sending ?? Task.CompletedTask;

    /// <summary>Starts sending the lines, which are of records of the batch.</summary>
    public Task<StretchAnswer> Start(JournalBatch batch, int linesPerRequest, CancellationToken cancellationToken) =>
        _sending = SendAsync(batch, linesPerRequest, cancellationToken);

    private async Task<StretchAnswer> SendAsync(
        JournalBatch batch,
        int linesPerRequest,
        CancellationToken cancellationToken
    )
    {
        _poison.Clear();
        var (requests, tooSlow) = (0, 0);
        var verdict = SinkVerdict.Accept;
        for (int from = 0, to; from < Lines.Lines; from = to)
        {
            to = Lines.EndOfRequest(from, linesPerRequest, InfluxSink.BytesPerRequest);
            // A request costs the database something however few lines it has: a small rest goes along.
            if (Lines.Lines - to < (to - from) / 8)
                to = Lines.Lines;
            verdict = await _search.SendAsync(Lines, from, to, cancellationToken);
            if (_search.IsTooSlow)
                tooSlow = to - from;
            if (!verdict.Accepted)
                return Answer(batch, from, verdict, requests, tooSlow);
            _poison.AddRange(_search.Poison);
            requests++;
        }
        return Answer(batch, Lines.Lines, verdict, requests, tooSlow);
    }

    private StretchAnswer Answer(JournalBatch batch, int settled, SinkVerdict verdict, int requests, int tooSlow)
    {
        // Of a record that is settled in part all lines come again.
        settled = Lines.StartOfRecord(settled);
        JournalOffset? through = settled > 0 ? batch[Lines.RecordOf(settled - 1)].Offset : null;
        var rejected = new List<RejectedRow>();
        var readings = Lines.ReadingsOf(0, settled);
        foreach (var (line, reason) in _poison)
        {
            if (line >= settled)
                break;
            ref readonly var record = ref batch[Lines.RecordOf(line)];
            var text = Encoding.UTF8.GetString(Lines.Slice(line, line + 1).Span).TrimEnd('\n');
            rejected.Add(new RejectedRow(record.Device, record.Offset.Value, text, reason));
            readings -= Lines.ReadingsOf(line, line + 1);
        }
        return new StretchAnswer(verdict, through, settled - rejected.Count, readings, rejected, requests, tooSlow);
    }
}
