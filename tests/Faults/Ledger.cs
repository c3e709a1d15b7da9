using System.Collections.Concurrent;

namespace IoTGateway.Faults;

/// <summary>What names a row for ever.</summary>
internal readonly record struct RowKey(string Device, string Measurement, long UnixMs);

/// <summary>A row as it is in some store: its values by the names of their fields.</summary>
internal sealed record StoredRow(RowKey Key, IReadOnlyDictionary<string, double> Values);

/// <summary>
/// Who sent which row, which of them a device was told is durable, and whether a store has each of these once. One of these
/// for every fault: what counts as lost or doubled is decided here and nowhere else.
/// </summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<RowKey, SentRow> _sent = new();
    private readonly ConcurrentDictionary<(string Device, uint Epoch), uint> _acknowledged = new();
    private readonly ConcurrentDictionary<string, bool> _complete = new();
    private readonly List<Finding> _findings = [];

    public int RowsSent => _sent.Count;

    public int RowsAcknowledged => _sent.Count(row => IsAcknowledged(row.Key, row.Value));

    /// <summary>What the comparisons found so far, one for each store.</summary>
    public IReadOnlyList<Finding> Findings => _findings;

    /// <summary>A row went into a message. Two of the same name are a fault of the test.</summary>
    public void Sent(RowKey row, uint epoch, uint sequence, IReadOnlyDictionary<string, double> values)
    {
        if (!_sent.TryAdd(row, new SentRow(epoch, sequence, values)))
            throw new InvalidOperationException($"{row} was sent twice by its own device.");
    }

    /// <summary>The gateway said that everything up to here is on its disk.</summary>
    public void Acknowledged(string device, uint epoch, uint sequence) =>
        _acknowledged.AddOrUpdate((device, epoch), sequence, (_, before) => Math.Max(before, sequence));

    /// <summary>The device was told so of all that it sent; for devices that do not say which message.</summary>
    public void AllAcknowledged(string device) => _complete[device] = true;

    /// <summary>Compares with what a store has, row by row and value by value.</summary>
    /// <param name="store">Its name.</param>
    /// <param name="rows">What is in it.</param>
    /// <param name="showsDoubled">
    /// Whether a row that came twice would be there twice. History and InfluxDB keep one row of a time, the later one.
    /// </param>
    public void Compare(string store, IEnumerable<StoredRow> rows, bool showsDoubled = false)
    {
        var (stored, doubled, strange, wrong) = (new HashSet<RowKey>(), 0, 0, 0);
        var examples = new List<string>();
        foreach (var row in rows)
        {
            if (!stored.Add(row.Key))
                Note(ref doubled, $"{row.Key} is there twice");
            else if (!_sent.TryGetValue(row.Key, out var sent))
                Note(ref strange, $"{row.Key} was never sent");
            else if (!Same(sent.Values, row.Values))
                Note(ref wrong, $"{row.Key} has other values than were sent");
        }
        var missing = 0;
        foreach (var (key, sent) in _sent)
        {
            if (IsAcknowledged(key, sent) && !stored.Contains(key))
                Note(
                    ref missing,
                    $"{key} was acknowledged (epoch {sent.Epoch}, sequence {sent.Sequence}) and is missing"
                );
        }
        _findings.Add(new Finding(store, stored.Count, missing, doubled, wrong, strange, showsDoubled, examples));

        void Note(ref int count, string what)
        {
            if (count++ < 5)
                examples.Add(what);
        }
    }

    /// <summary>Compares with how many rows went into a store: it counts one that came twice twice. After all are acknowledged.</summary>
    public void CompareCount(string store, int count)
    {
        var (doubled, missing) = (Math.Max(0, count - RowsSent), Math.Max(0, RowsAcknowledged - count));
        string[] examples = doubled + missing == 0 ? [] : [$"{count} rows of {RowsSent} sent went into it"];
        _findings.Add(new Finding(store, count, missing, doubled, Wrong: 0, Strange: 0, ShowsDoubled: true, examples));
    }

    private bool IsAcknowledged(RowKey key, SentRow row) =>
        _complete.ContainsKey(key.Device)
        || (_acknowledged.TryGetValue((key.Device, row.Epoch), out var up) && row.Sequence <= up);

    private static bool Same(IReadOnlyDictionary<string, double> sent, IReadOnlyDictionary<string, double> stored) =>
        sent.Count == stored.Count
        && sent.All(field => stored.TryGetValue(field.Key, out var value) && value.Equals(field.Value));

    private readonly record struct SentRow(uint Epoch, uint Sequence, IReadOnlyDictionary<string, double> Values);
}

/// <summary>What a comparison came to. Rows that were sent, not acknowledged and stored all the same are right.</summary>
/// <param name="Store">Where the rows were read.</param>
/// <param name="Stored">Rows in it.</param>
/// <param name="Missing">Rows acknowledged and not in it.</param>
/// <param name="Doubled">Rows in it once too often.</param>
/// <param name="Wrong">Rows with other values than were sent.</param>
/// <param name="Strange">Rows that nobody sent.</param>
/// <param name="ShowsDoubled">Whether the store could show a row twice; where not, nothing is said of it.</param>
/// <param name="Examples">A few of what is wrong, in words.</param>
internal sealed record Finding(
    string Store,
    int Stored,
    int Missing,
    int Doubled,
    int Wrong,
    int Strange,
    bool ShowsDoubled,
    IReadOnlyList<string> Examples
)
{
    public bool IsGood => Missing + Doubled + Wrong + Strange == 0;

    public override string ToString() =>
        $"stored {Stored} missing {Missing} doubled {(ShowsDoubled || Doubled > 0 ? Doubled : "-")} wrong {Wrong} strange {Strange}";
}
