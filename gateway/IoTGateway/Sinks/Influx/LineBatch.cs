using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.Influx;

/// <summary>The lines of one request, and which journal record each came from. Reused.</summary>
internal sealed class LineBatch
{
    // Devices and catalogs come and go; what is remembered of them must not grow for ever.
    private const int MostTemplates = 65_536;

    private readonly Dictionary<SensorDescription, Dictionary<string, LineTemplate>> _templates = new(
        ReferenceEqualityComparer.Instance
    );
    private byte[] _bytes = new byte[64 * 1024];
    private int[] _ends = new int[1024];
    private int[] _records = new int[1024];
    private byte[] _values = new byte[1024];
    private int _templateCount;

    /// <summary>How many lines.</summary>
    public int Lines { get; private set; }

    /// <summary>Bytes of all lines.</summary>
    public int Length => Lines == 0 ? 0 : _ends[Lines - 1];

    public void Clear() => Lines = 0;

    /// <summary>Adds the line of a row, if it has values.</summary>
    /// <param name="template">From <see cref="TemplateFor"/>.</param>
    /// <param name="block">The rows.</param>
    /// <param name="row">Which one.</param>
    /// <param name="record">Index of the journal record.</param>
    public void Add(LineTemplate template, RowBlock block, int row, int record)
    {
        var start = Length;
        if (_bytes.Length - start < template.LongestLine)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + template.LongestLine));
        var written = LineProtocolWriter.Write(template, block, row, _bytes.AsSpan(start), out var values);
        if (written == 0)
            return;
        if (Lines == _ends.Length)
        {
            Array.Resize(ref _ends, Lines * 2);
            Array.Resize(ref _records, Lines * 2);
            Array.Resize(ref _values, Lines * 2);
        }
        _ends[Lines] = start + written;
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

    /// <summary>What the lines of a sensor of a device share.</summary>
    public LineTemplate TemplateFor(string device, SensorDescription sensor)
    {
        if (_templates.TryGetValue(sensor, out var devices) && devices.TryGetValue(device, out var known))
            return known;
        if (_templateCount++ >= MostTemplates)
        {
            _templates.Clear();
            _templateCount = 1;
            devices = null;
        }
        if (devices is null)
            _templates.Add(sensor, devices = new(StringComparer.Ordinal));
        return devices[device] = new LineTemplate(device, sensor);
    }
}
