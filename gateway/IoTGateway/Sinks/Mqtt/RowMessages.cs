using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>The rows of one journal record as they will be published. Reused.</summary>
internal sealed class RowMessages(SinkRows rows, MqttTopics topics)
{
    // Devices and catalogs come and go; what is remembered of them must not grow for ever.
    private const int MostTemplates = 16_384;

    private readonly Dictionary<(string Device, SensorDescription Sensor), RowTemplate> _templates = [];
    private readonly List<RowMessage> _messages = [];
    private byte[] _bytes = new byte[16 * 1024];
    private int _length;

    public int Count => _messages.Count;

    public RowMessage this[int index] => _messages[index];

    public ReadOnlyMemory<byte> PayloadOf(in RowMessage message) => _bytes.AsMemory(message.Start, message.Length);

    /// <summary>Takes a record's rows in place of those before.</summary>
    public void Load(in JournalRecord record)
    {
        _messages.Clear();
        _length = 0;
        var blocks = rows.Open(record);
        while (blocks.TryRead())
        {
            var template = TemplateFor(record.Device, rows.Block.Sensor);
            for (var row = 0; row < rows.Block.Rows; row++)
                Add(template, row);
        }
    }

    private void Add(RowTemplate template, int row)
    {
        if (_bytes.Length - _length < template.LongestRow)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + template.LongestRow));
        var written = template.Write(rows.Block, row, _bytes.AsSpan(_length), out var values);
        if (written == 0)
            return;
        _messages.Add(new RowMessage(template.Topic, _length, written, values));
        _length += written;
    }

    private RowTemplate TemplateFor(string device, SensorDescription sensor)
    {
        if (_templates.TryGetValue((device, sensor), out var known))
            return known;
        if (_templates.Count == MostTemplates)
            _templates.Clear();
        var template = new RowTemplate(topics.TelemetryOf(device, sensor.Measurement), sensor);
        return _templates[(device, sensor)] = template;
    }
}

/// <summary>One row to publish.</summary>
/// <param name="Topic">Where.</param>
/// <param name="Start">Its payload in the buffer.</param>
/// <param name="Length">Bytes of it.</param>
/// <param name="Values">How many readings it holds.</param>
internal readonly record struct RowMessage(string Topic, int Start, int Length, int Values);
