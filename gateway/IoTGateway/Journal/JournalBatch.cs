namespace IoTGateway.Journal;

/// <summary>A run of records read together. Reuse it: after the first reads it allocates nothing.</summary>
internal sealed class JournalBatch
{
    // Devices come and go; the names kept for reuse must not grow for ever.
    private const int MaxNames = 65_536;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private byte[] _buffer = [];
    private JournalRecord[] _records = new JournalRecord[64];

    public JournalBatch() => _lookup = _names.GetAlternateLookup<ReadOnlySpan<char>>();

    public int Count { get; private set; }

    /// <summary>Commit this when all records are dealt with, even if there are none: it may lie past damage.</summary>
    public JournalOffset End { get; internal set; }

    public ref readonly JournalRecord this[int index] => ref Records[index];

    public ReadOnlySpan<JournalRecord> Records => _records.AsSpan(0, Count);

    internal Memory<byte> Reserve(int bytes)
    {
        if (_buffer.Length < bytes)
            _buffer = new byte[bytes];
        return _buffer.AsMemory(0, bytes);
    }

    internal void Clear(long end)
    {
        Count = 0;
        End = new JournalOffset(end);
    }

    internal void Add(in JournalRecord record)
    {
        if (Count == _records.Length)
            Array.Resize(ref _records, Count * 2);
        _records[Count++] = record;
    }

    /// <summary>One string per device, not per record.</summary>
    internal string Name(ReadOnlySpan<byte> ascii)
    {
        Span<char> chars = stackalloc char[RecordFormat.MaxDeviceIdBytes];
        for (var i = 0; i < ascii.Length; i++)
            chars[i] = (char)ascii[i];
        chars = chars[..ascii.Length];
        if (_lookup.TryGetValue(chars, out var known))
            return known;
        if (_names.Count == MaxNames)
            _names.Clear();
        var name = new string(chars);
        _names.Add(name);
        return name;
    }
}
