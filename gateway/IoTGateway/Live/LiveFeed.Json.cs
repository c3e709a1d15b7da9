using System.Buffers;
using System.Text.Json;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Live;

/// <summary>How rows and logs are told.</summary>
internal sealed partial class LiveFeed
{
    private static ReadOnlyMemory<byte> Json(string device, RowBlock block, int row)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteString("measurement", block.Sensor.Measurement);
        json.WriteNumber("time", block.Times[row]);
        json.WriteStartObject("fields");
        for (var field = 0; field < block.Sensor.Fields.Length; field++)
        {
            if (block.IsPresent(field, row))
                WriteField(json, block.Sensor.Fields[field], block.Raw(field, row));
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Json(string device, in LogLine line)
    {
        var buffer = new ArrayBufferWriter<byte>(192);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("device", device);
        json.WriteNumber("time", line.UnixMs);
        json.WriteString("level", line.LevelName);
        json.WriteString("category", line.Category);
        json.WriteString("message", line.Message);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void WriteField(Utf8JsonWriter json, FieldDescription field, long raw)
    {
        if (field.Type == FieldType.Boolean)
            json.WriteBoolean(field.Name, raw != 0);
        else
            json.WriteNumber(field.Name, FieldValue.ToDouble(field, raw));
    }
}
