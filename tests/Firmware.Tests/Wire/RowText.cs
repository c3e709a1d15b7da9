using IoTGateway.Device.Sensors;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Wire;

/// <summary>A row as one line, so that what was sampled and what arrived can be compared as sets.</summary>
internal static class RowText
{
    public static string Of(VirtualRow row) =>
        $"{row.Measurement} {row.TimeMs} " + string.Join(' ', row.Readings.Select(r => $"{r.Field}={r.AsDecimal}"));

    public static IEnumerable<string> Of(Telemetry telemetry)
    {
        foreach (var block in telemetry.Blocks)
        {
            var fields = TestCatalog.Virtual[block.SensorId];
            for (var row = 0; row < block.TimesMs.Length; row++)
            {
                var values = fields.Select((f, i) => Value(f, block.Values[i][row]));
                yield return $"{TestCatalog.Measurements[block.SensorId]} {block.TimesMs[row]} "
                    + string.Join(' ', values.Where(v => v.Length > 0));
            }
        }
    }

    private static string Value(Field field, long? raw) =>
        raw is null
            ? ""
            : $"{field.Name}={new VirtualReading("", VirtualFieldType.Decimal, raw.Value, field.Exponent).AsDecimal}";
}
