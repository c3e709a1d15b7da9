namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Sends lines, and where the database refuses some, halves the request until each poison line stands alone: those are
/// named with the database's reason, all others are stored.
/// </summary>
/// <remarks>
/// A line is given up only when the fault is plainly its own: the answer has the form of a database's error, or other
/// lines of the same search were taken. A stranger at the address who answers 400 to everything rejects nothing.
/// InfluxDB 2 answers 500 to some poison, for ever; so the third 500 in a row starts a search, and there a line is
/// given up only if others were taken.
/// </remarks>
internal sealed class PoisonSearch(InfluxClient client, InfluxOptions options)
{
    private const int ServerErrorsBeforeSearch = 3;

    // Halving 5,000 lines down to one takes 13 requests; if by this many nothing was taken, it is not the lines.
    private const int MostDoubtfulRefusals = 40;

    private readonly List<(int Line, string Reason)> _poison = [];
    private int _serverErrors;
    private bool _anyTaken;
    private bool _trusted;
    private int _doubtful;

    /// <summary>After an accepted range: the lines that were refused for good, and why.</summary>
    public IReadOnlyList<(int Line, string Reason)> Poison => _poison;

    /// <summary>The last range was kept because the database took too long for it.</summary>
    public bool IsTooSlow { get; private set; }

    /// <summary>Stores or names all lines of a range, or says why it must come again.</summary>
    public async ValueTask<SinkVerdict> SendAsync(
        LineBatch lines,
        int from,
        int to,
        CancellationToken cancellationToken
    )
    {
        _poison.Clear();
        _anyTaken = false;
        _trusted = true;
        _doubtful = 0;
        IsTooSlow = false;
        if (await TryAsync(lines, from, to, cancellationToken) is { } kept)
            return kept;
        if (_poison.Count > 0 && !_trusted && !_anyTaken)
            return Doubt(_poison[0].Reason);
        _serverErrors = 0;
        return SinkVerdict.Accept;
    }

    /// <summary>Null: dealt with, the poison is listed. Else the verdict for the whole batch.</summary>
    private async ValueTask<SinkVerdict?> TryAsync(
        LineBatch lines,
        int from,
        int to,
        CancellationToken cancellationToken
    )
    {
        var answer = await client.SendAsync(lines.Slice(from, to), cancellationToken);
        if (answer.IsAccepted)
        {
            _anyTaken = true;
            return null;
        }
        IsTooSlow |= answer.IsTooSlow;
        if (!IsSuspect(answer))
            return InfluxReasons.Keep(answer, client.Url, options);
        var isPlain = answer.IsDatabase && answer.Status != 500;
        if (!isPlain && !_anyTaken && ++_doubtful > MostDoubtfulRefusals)
            return Doubt(answer.Reason);
        var dropped = answer.Status == 500 ? null : answer.Dropped;
        if (to - from == 1 || dropped == to - from)
        {
            _trusted &= isPlain;
            for (var line = from; line < to; line++)
                _poison.Add((line, answer.Reason));
            return null;
        }
        var middle = from + ((to - from) / 2);
        return await TryAsync(lines, from, middle, cancellationToken)
            ?? await TryAsync(lines, middle, to, cancellationToken);
    }

    private bool IsSuspect(in InfluxAnswer answer)
    {
        if (answer.IsAboutLines || answer.Status == 413)
            return true;
        if (answer.Status != 500)
        {
            _serverErrors = 0;
            return false;
        }
        return ++_serverErrors >= ServerErrorsBeforeSearch;
    }

    private SinkVerdict Doubt(string reason)
    {
        // The next 500s are waited out again before another search.
        _serverErrors = 0;
        return SinkVerdict.Keep(
            $"influx: {client.Url.Authority} refuses every line ({reason}); check that Influx:Url is the database "
                + "itself, and look into the database's own log"
        );
    }
}
