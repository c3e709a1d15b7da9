using System.Text.Json;
using System.Text.Json.Nodes;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>Whole numbers as the vectors write them: from 2^53 on as text, where a JSON number is no longer exact.</summary>
internal static class VectorNumber
{
    private const long Exact = 1L << 53;

    public static JsonNode Of(long value) => value is <= Exact and >= -Exact ? value : value.ToString();

    public static JsonNode Of(ulong value) => value <= Exact ? value : value.ToString();

    public static long Int64(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? long.Parse(element.GetString() ?? "") : element.GetInt64();

    public static ulong UInt64(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? ulong.Parse(element.GetString() ?? "") : element.GetUInt64();
}

/// <summary>A block as the vectors write it: rows of a time and a value per field, null where one is missing.</summary>
internal static class VectorRows
{
    public static JsonObject Fields(RowBlock block)
    {
        var rows = new JsonArray();
        for (var row = 0; row < block.Rows; row++)
        {
            var cells = new JsonArray { block.Times[row] };
            for (var field = 0; field < block.Sensor.Fields.Length; field++)
                cells.Add(block.IsPresent(field, row) ? Cell(block, field, row) : null);
            rows.Add(cells);
        }
        return new() { ["sensorId"] = block.Sensor.Id, ["rows"] = rows };
    }

    public static void Fill(RowBlock block, SensorDescription sensor, JsonElement rows)
    {
        block.Reset(sensor, rows.GetArrayLength());
        for (var row = 0; row < block.Rows; row++)
        {
            block.Times[row] = rows[row][0].GetInt64();
            Assert.Equal(sensor.Fields.Length + 1, rows[row].GetArrayLength());
            for (var field = 0; field < sensor.Fields.Length; field++)
            {
                var cell = rows[row][field + 1];
                if (cell.ValueKind != JsonValueKind.Null)
                    block.Set(field, row, Raw(sensor.Fields[field].Type, cell));
            }
        }
    }

    private static JsonNode Cell(RowBlock block, int field, int row)
    {
        var raw = block.Raw(field, row);
        return block.Sensor.Fields[field].Type switch
        {
            FieldType.Decimal => VectorNumber.Of(raw),
            FieldType.Float32 => (double)BitConverter.Int32BitsToSingle((int)raw),
            _ => raw == 1,
        };
    }

    private static long Raw(FieldType type, JsonElement cell) =>
        type switch
        {
            FieldType.Decimal => VectorNumber.Int64(cell),
            FieldType.Float32 => FieldValue.FromSingle((float)cell.GetDouble()),
            _ => cell.GetBoolean() ? 1 : 0,
        };
}
