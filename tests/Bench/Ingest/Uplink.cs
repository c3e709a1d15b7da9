using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Bench.Ingest;

/// <summary>One device's messages in the form that a kind of server takes; made before, only patched while it runs.</summary>
internal abstract class Uplink
{
    private const int Templates = 8;

    private readonly byte[][] _templates;
    private readonly long _startMs;
    private uint _sequence;

    protected Uplink(Func<uint, byte[]> template, long startMs)
    {
        _startMs = startMs;
        _templates = [.. Enumerable.Range(1, Templates).Select(number => template((uint)number))];
    }

    /// <summary>Messages made so far.</summary>
    public uint Sent => _sequence;

    /// <summary>Highest message that the server says it has; 0 where a server says nothing.</summary>
    public uint Acknowledged { get; protected set; }

    /// <summary>Messages that may be unacknowledged.</summary>
    public uint Window { get; protected set; } = uint.MaxValue;

    /// <summary>Whether the server says what it has.</summary>
    public virtual bool IsAcknowledged => false;

    /// <summary>Type of its WebSocket frames: 1 text, 2 binary.</summary>
    public abstract byte Opcode { get; }

    /// <summary>What is sent first, before the server has said anything.</summary>
    public abstract byte[] Opening();

    /// <summary>Takes a message of the server.</summary>
    /// <returns>What has to be answered at once, or null.</returns>
    public abstract byte[]? Take(ReadOnlySpan<byte> message);

    /// <summary>The next message; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var template = _templates[_sequence % Templates];
        _sequence++;
        var firstMs = _startMs + (_sequence * Payload.RowsPerMessage * Payload.RowIntervalMs);
        Patch(template, _sequence, firstMs);
        return template;
    }

    protected abstract void Patch(byte[] template, uint sequence, long firstMs);
}

/// <summary><c>iotgw.v1</c>: numbered, acknowledged.</summary>
internal sealed class IotgwUplink : Uplink
{
    /// <param name="startMs">Of the first row, Unix milliseconds.</param>
    public IotgwUplink(long startMs)
        : base(sequence => Payload.Telemetry(sequence, startMs), startMs) =>
        // Until WELCOME says how many. A message ahead of the catalog would end the link.
        Window = 0;

    public override bool IsAcknowledged => true;

    public override byte Opcode => 2;

    public override byte[] Opening()
    {
        var catalog = CatalogMessage();
        var writer = new WireWriter();
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        new Hello(1, ClockKind.Unix, now, Catalog.HashOf(catalog), 4096, "bench", "bench", 0).Write(writer);
        return writer.ToArray();
    }

    public override byte[]? Take(ReadOnlySpan<byte> message)
    {
        if (Ack.TryRead(message, out var ack, out _))
            Acknowledged = ack.Sequence;
        else if (Welcome.TryRead(message, out var welcome, out _))
        {
            Window = welcome.Window;
            return welcome.SendCatalog ? CatalogMessage() : null;
        }
        else if (message.Length > 0 && message[0] == (byte)MessageType.Refused)
            throw new InvalidOperationException("The gateway refused a message of the bench.");
        return null;
    }

    /// <summary>Type, epoch, then: sequence, clock, base.</summary>
    protected override void Patch(byte[] template, uint sequence, long firstMs)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(template.AsSpan(5), sequence);
        BinaryPrimitives.WriteInt64LittleEndian(template.AsSpan(10), firstMs);
    }

    private static byte[] CatalogMessage()
    {
        var writer = new WireWriter();
        Payload.Catalog.Write(writer);
        return writer.ToArray();
    }
}

/// <summary>JSON as text, one message after the other.</summary>
internal sealed class JsonUplink : Uplink
{
    private const int TimeDigits = 13;

    /// <summary>As many as the gateway lets a device have unacknowledged.</summary>
    private const uint AcknowledgedWindow = 32;

    /// <param name="device">Whose.</param>
    /// <param name="startMs">Of the first row, Unix milliseconds.</param>
    /// <param name="isAcknowledged">Whether the server answers with <c>{"ack":N}</c>: so many are safe.</param>
    public JsonUplink(string device, long startMs, bool isAcknowledged)
        : base(sequence => Payload.Json(device, sequence, startMs), startMs)
    {
        IsAcknowledged = isAcknowledged;
        if (isAcknowledged)
            Window = AcknowledgedWindow;
    }

    public override bool IsAcknowledged { get; }

    public override byte Opcode => 1;

    public override byte[] Opening() => [];

    public override byte[]? Take(ReadOnlySpan<byte> message)
    {
        var name = "{\"ack\":"u8;
        if (message.StartsWith(name) && Utf8Parser.TryParse(message[name.Length..], out uint count, out _))
            Acknowledged = count;
        return null;
    }

    protected override void Patch(byte[] template, uint sequence, long firstMs) => PatchTime(template, firstMs);

    public static void PatchTime(Span<byte> json, long firstMs)
    {
        var name = "\"time\":"u8;
        Utf8Formatter.TryFormat(firstMs, json.Slice(json.IndexOf(name) + name.Length, TimeDigits), out _);
    }
}

/// <summary>The same JSON as PUBLISH packets of MQTT 3.1.1 with QoS 0, over a WebSocket (section 6 of its standard).</summary>
internal sealed class MqttUplink(string device, long startMs)
    : Uplink(sequence => Publish(device, Payload.Json(device, sequence, startMs)), startMs)
{
    public override byte Opcode => 2;

    public override byte[] Opening() =>
        [
            0x10,
            (byte)(12 + device.Length),
            0,
            4,
            .. "MQTT"u8,
            4,
            2,
            0,
            0,
            0,
            (byte)device.Length,
            .. Encoding.ASCII.GetBytes(device),
        ];

    public override byte[]? Take(ReadOnlySpan<byte> message) => null;

    protected override void Patch(byte[] template, uint sequence, long firstMs)
    {
        // Type, two bytes of length, two of the topic's length, the topic.
        var header = 5 + template[4];
        JsonUplink.PatchTime(template.AsSpan(header), firstMs);
    }

    private static byte[] Publish(string device, byte[] json)
    {
        var topic = Encoding.ASCII.GetBytes($"room/{device}");
        var length = 2 + topic.Length + json.Length;
        return [0x30, (byte)(length & 0x7F | 0x80), (byte)(length >> 7), 0, (byte)topic.Length, .. topic, .. json];
    }
}

/// <summary>Opens a link of nats-server and keeps it; it sends nothing.</summary>
internal sealed class NatsUplink() : Uplink(_ => [], 0)
{
    public override byte Opcode => 2;

    public override byte[] Opening() => "CONNECT {\"verbose\":false,\"pedantic\":false}\r\n"u8.ToArray();

    public override byte[]? Take(ReadOnlySpan<byte> message) =>
        message.StartsWith("PING"u8) ? "PONG\r\n"u8.ToArray() : null;

    protected override void Patch(byte[] template, uint sequence, long firstMs) =>
        throw new NotSupportedException("Idle links send nothing.");
}
