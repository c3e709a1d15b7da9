using System.Text.Json;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

/// <summary>Writes a vector's meaning with the firmware's codec.</summary>
internal static class VectorWriter
{
    public static void Write(WireWriter w, JsonElement vector)
    {
        var m = vector.GetProperty("meaning");
        switch (vector.Text("type"))
        {
            case "HELLO":
                DeviceMessages.Hello(
                    w,
                    (uint)m.Whole("epoch"),
                    (byte)m.Whole("clock"),
                    m.Whole("nowMs"),
                    (uint)m.Whole("catalogHash"),
                    m.Text("firmware"),
                    m.Text("board"),
                    (byte)m.Whole("resetReason")
                );
                break;
            case "CATALOG":
                Catalog(w, m);
                break;
            case "TELEMETRY":
                Telemetry(w, m, VectorFile.All[vector.Text("catalog")].GetProperty("meaning"));
                break;
            case "COMMAND_RESULT":
                var id = Guid.Parse(m.Text("id")).ToByteArray(bigEndian: true);
                DeviceMessages.CommandResult(w, id, (byte)m.Whole("outcome"), m.Text("json"));
                break;
            default:
                Rest(w, vector.Text("type"), m);
                break;
        }
    }

    private static void Rest(WireWriter w, string type, JsonElement m)
    {
        if (type == "LOG")
            DeviceMessages.Log(
                w,
                (byte)m.Whole("level"),
                (byte)m.Whole("clock"),
                m.Whole("atMs"),
                m.Text("category"),
                m.Text("message")
            );
        else if (type == "REPORTED")
            DeviceMessages.Reported(w, (uint)m.Whole("version"), m.Text("json"));
        else if (type == "GAP")
            DeviceMessages.Gap(
                w,
                (uint)m.Whole("epoch"),
                (byte)m.Whole("clock"),
                m.Whole("fromMs"),
                m.Whole("toMs"),
                m.GetProperty("rowsDropped") is { ValueKind: JsonValueKind.String } text
                    ? unchecked((long)ulong.Parse(text.GetString()!)) // a string, as was just asked
                    : m.Whole("rowsDropped")
            );
        else if (type == "BYE")
            DeviceMessages.Bye(w, (byte)m.Whole("reason"), (uint)m.Whole("expectedBackSeconds"));
    }

    private static void Catalog(WireWriter w, JsonElement m)
    {
        w.Clear();
        w.U8(MessageType.Catalog);
        var sensors = m.GetProperty("sensors").EnumerateArray().ToList();
        w.Varint((ulong)sensors.Count);
        foreach (var sensor in sensors)
            CatalogWriter.WriteSensor(w, (byte)sensor.Whole("sensorId"), sensor.Text("measurement"), Fields(sensor));
        var commands = m.GetProperty("commands").EnumerateArray().ToList();
        w.Varint((ulong)commands.Count);
        foreach (var command in commands)
        {
            w.Str(command.Text("name"));
            w.Str(command.Text("schema"));
        }
    }

    private static void Telemetry(WireWriter w, JsonElement m, JsonElement catalog)
    {
        var sensors = catalog.GetProperty("sensors").EnumerateArray().ToDictionary(s => s.Whole("sensorId"), Fields);
        var blocks = m.GetProperty("blocks").EnumerateArray().ToList();
        var baseMs = m.Whole("baseMs");
        DeviceMessages.TelemetryHead(
            w,
            (uint)m.Whole("epoch"),
            (uint)m.Whole("sequence"),
            (byte)m.Whole("clock"),
            baseMs,
            blocks.Count
        );
        foreach (var block in blocks)
        {
            var id = block.Whole("sensorId");
            var rows = block.GetProperty("rows").EnumerateArray().ToList();
            var table = new SensorRows((byte)id, new VectorSensor(sensors[id]), rows.Count);
            foreach (var row in rows)
                Add(table, [.. row.EnumerateArray()]);
            BlockWriter.Write(w, table, 0, rows.Count, baseMs);
        }
    }

    private static void Add(SensorRows table, JsonElement[] row)
    {
        var fields = table.Sensor.Fields;
        var values = fields.Select((f, i) => Raw(f, row[i + 1])).ToArray();
        table.Add(row[0].Whole(), values, [.. row.Skip(1).Select(v => v.ValueKind != JsonValueKind.Null)]);
    }

    private static long Raw(Field field, JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.False => 0,
            JsonValueKind.True => 1,
            _ when field.Type == FieldType.Float32 => BitConverter.SingleToUInt32Bits(
                value.ValueKind == JsonValueKind.String ? float.Parse(value.GetString()!) : value.GetSingle()
            ),
            _ => value.Whole(),
        };

    private static Field[] Fields(JsonElement sensor) =>
        [
            .. sensor
                .GetProperty("fields")
                .EnumerateArray()
                .Select(f => new Field(
                    f.Text("name"),
                    f.Text("unit"),
                    (byte)f.Whole("type"),
                    (sbyte)f.Whole("exponent")
                )),
        ];

    private sealed class VectorSensor(Field[] fields) : ISensor
    {
        public string Measurement => "vector";

        public Field[] Fields => fields;

        public bool TryRead(long[] values, bool[] present) => false;
    }
}
