using IoTGateway.Protocol.Messages;

namespace IoTGateway.Protocol.Telemetry;

/// <summary>
/// The rows of one sensor, decoded: times, and per field a column of raw values with its presence bits. One instance
/// is filled again and again; it allocates only when it has to grow.
/// </summary>
/// <remarks>
/// A raw value is the integer of a decimal, the bits of a float32, or 0 and 1 of a boolean;
/// <see cref="FieldValue.ToDouble"/> turns it into a number.
/// </remarks>
public sealed class RowBlock
{
    private static readonly SensorDescription None = new(0, string.Empty, []);

    private long[] _times = [];
    private long[] _values = [];
    private ulong[] _present = [];

    /// <summary>Whose rows these are.</summary>
    public SensorDescription Sensor { get; private set; } = None;

    /// <summary>How many rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Time of each row in milliseconds, ascending when decoded from the wire.</summary>
    public Span<long> Times => _times.AsSpan(0, Rows);

    private int Words => (Rows + 63) / 64;

    /// <summary>Raw values of a field; meaningful where <see cref="IsPresent"/>.</summary>
    public Span<long> Column(int field) => _values.AsSpan(field * Rows, Rows);

    /// <summary>Makes room for rows of a sensor, all values missing. Times and columns hold whatever was there.</summary>
    public void Reset(SensorDescription sensor, int rows)
    {
        Sensor = sensor;
        Rows = rows;
        if (_times.Length < rows)
            _times = new long[rows];
        if (_values.Length < rows * sensor.Fields.Length)
            _values = new long[rows * sensor.Fields.Length];
        var words = Words * sensor.Fields.Length;
        if (_present.Length < words)
            _present = new ulong[words];
        else
            _present.AsSpan(0, words).Clear();
    }

    /// <summary>Whether a row has a value of a field.</summary>
    public bool IsPresent(int field, int row) => (_present[(field * Words) + (row >> 6)] >> (row & 63) & 1) != 0;

    /// <summary>The raw value of a field in a row.</summary>
    public long Raw(int field, int row) => _values[(field * Rows) + row];

    /// <summary>Gives a field of a row its raw value.</summary>
    public void Set(int field, int row, long raw)
    {
        _values[(field * Rows) + row] = raw;
        _present[(field * Words) + (row >> 6)] |= 1UL << (row & 63);
    }

    /// <summary>Marks a field present in every row.</summary>
    public void SetAllPresent(int field)
    {
        var words = _present.AsSpan(field * Words, Words);
        words.Fill(ulong.MaxValue);
        if ((Rows & 63) != 0)
            words[^1] = (1UL << (Rows & 63)) - 1;
    }

    /// <summary>Marks a field missing in a row.</summary>
    public void Clear(int field, int row) => _present[(field * Words) + (row >> 6)] &= ~(1UL << (row & 63));

    /// <summary>How many rows have a value of a field.</summary>
    public int CountPresent(int field)
    {
        var count = 0;
        foreach (var word in _present.AsSpan(field * Words, Words))
            count += System.Numerics.BitOperations.PopCount(word);
        return count;
    }

    /// <summary>How many values the block holds.</summary>
    public int CountReadings()
    {
        var count = 0;
        for (var field = 0; field < Sensor.Fields.Length; field++)
            count += CountPresent(field);
        return count;
    }
}
