using System.Text;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.Influx;

/// <summary>The lines of one request, and which journal record each came from. Reused.</summary>
internal sealed class LineBatch
{
    private byte[] _bytes = new byte[64 * 1024];
    private int[] _ends = new int[1024];
    private int[] _records = new int[1024];
    private byte[] _values = new byte[1024];

    /// <summary>How many lines.</summary>
    public int Lines { get; private set; }

    /// <summary>Bytes of all lines.</summary>
    public int Length => Lines == 0 ? 0 : _ends[Lines - 1];

    public void Clear() => Lines = 0;

    /// <summary>Adds the line of a row, if it has values.</summary>
    /// <param name="template">From <see cref="LineTemplates"/>.</param>
    /// <param name="block">The rows.</param>
    /// <param name="row">Which one.</param>
    /// <param name="record">Index of the journal record.</param>
    public void Add(LineTemplate template, RowBlock block, int row, int record)
    {
        var start = Length;
        if (_bytes.Length - start < template.LongestLine)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + template.LongestLine));
        var written = LineProtocolWriter.Write(template, block, row, _bytes.AsSpan(start), out var values);
        if (written > 0)
            Append(written, values, record);
    }

    /// <summary>Adds a line that was written before.</summary>
    public void Add(string line)
    {
        var start = Length;
        var size = Encoding.UTF8.GetByteCount(line) + 1;
        if (_bytes.Length - start < size)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + size));
        Encoding.UTF8.GetBytes(line, _bytes.AsSpan(start));
        _bytes[start + size - 1] = (byte)'\n';
        Append(size, 0, 0);
    }

    private void Append(int bytes, int values, int record)
    {
        if (Lines == _ends.Length)
        {
            Array.Resize(ref _ends, Lines * 2);
            Array.Resize(ref _records, Lines * 2);
            Array.Resize(ref _values, Lines * 2);
        }
        _ends[Lines] = Length + bytes;
        _values[Lines] = (byte)values;
        _records[Lines++] = record;
    }

    /// <summary>The bytes of lines <paramref name="from"/> up to but without <paramref name="to"/>.</summary>
    public ReadOnlyMemory<byte> Slice(int from, int to)
    {
        var start = from == 0 ? 0 : _ends[from - 1];
        return _bytes.AsMemory(start, _ends[to - 1] - start);
    }

    /// <summary>How many values those lines hold.</summary>
    public long ReadingsOf(int from, int to)
    {
        long readings = 0;
        for (var line = from; line < to; line++)
            readings += _values[line];
        return readings;
    }

    /// <summary>Where a request that starts at a line ends, within bounds; at least one line on.</summary>
    public int EndOfRequest(int from, int lines, int bytes)
    {
        var start = from == 0 ? 0 : _ends[from - 1];
        var to = from + 1;
        while (to < Lines && to - from < lines && _ends[to] - start <= bytes)
            to++;
        return to;
    }

    /// <summary>The journal record of a line, as an index into the batch.</summary>
    public int RecordOf(int line) => _records[line];

    /// <summary>The first line of the journal record that a line came from; <see cref="Lines"/> for the end of all.</summary>
    public int StartOfRecord(int line)
    {
        while (line > 0 && line < Lines && _records[line - 1] == _records[line])
            line--;
        return line;
    }
}
