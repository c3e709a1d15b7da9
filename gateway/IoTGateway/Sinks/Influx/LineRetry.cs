namespace IoTGateway.Sinks.Influx;

/// <summary>Offers lines again that the database refused before, in requests and with a search of its own.</summary>
internal sealed class LineRetry(InfluxClient client, InfluxOptions options)
{
    private readonly PoisonSearch _search = new(client, options);
    private readonly LineBatch _lines = new();

    public async ValueTask<RetryAnswer> SendAsync(
        IReadOnlyList<RejectedEntry> rows,
        CancellationToken cancellationToken
    )
    {
        _lines.Clear();
        foreach (var row in rows)
            _lines.Add(row.Row.Row);
        var stored = new List<long>(rows.Count);
        var refused = new List<(long, string)>();
        for (int from = 0, to; from < _lines.Lines; from = to)
        {
            to = _lines.EndOfRequest(from, InfluxSink.LinesPerRequest, InfluxSink.BytesPerRequest);
            var verdict = await _search.SendAsync(_lines, from, to, cancellationToken);
            if (!verdict.Accepted)
                return new RetryAnswer(stored, refused, verdict.Reason);
            var poison = _search.Poison.ToDictionary(one => one.Line, one => one.Reason);
            for (var line = from; line < to; line++)
            {
                if (poison.TryGetValue(line, out var reason))
                    refused.Add((rows[line].Id, reason));
                else
                    stored.Add(rows[line].Id);
            }
        }
        return new RetryAnswer(stored, refused, null);
    }
}
