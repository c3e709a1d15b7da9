using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

internal sealed record Catalog(string[] Measurements, string[] Commands);

/// <summary>Reads CATALOG as a gateway must: null for whatever the protocol refuses.</summary>
internal static class CatalogReader
{
    public static Catalog? Read(byte[] message)
    {
        var r = new WireReader();
        r.Reset(message, 0, message.Length);
        DeviceMessageReader.FailUnless(r, r.U8() == MessageType.Catalog);
        var measurements = new string[r.Count(ProtocolLimits.Sensors)];
        for (var i = 0; i < measurements.Length; i++)
            measurements[i] = Sensor(r, i);
        var commands = new string[r.Count(r.Remaining)];
        for (var i = 0; i < commands.Length; i++)
        {
            commands[i] = r.Name();
            r.Str();
        }

        return r.Complete ? new Catalog(measurements, commands) : null;
    }

    private static string Sensor(WireReader r, int place)
    {
        DeviceMessageReader.FailUnless(r, r.U8() == place);
        var measurement = r.Name();
        var fields = r.Count(ProtocolLimits.FieldsPerSensor);
        for (var f = 0; f < fields; f++)
        {
            r.Name();
            var unit = r.Str();
            var type = r.U8();
            var exponent = (sbyte)r.U8();
            DeviceMessageReader.FailUnless(
                r,
                System.Text.Encoding.UTF8.GetByteCount(unit) <= ProtocolLimits.UnitBytes
                    && type <= 2
                    && exponent is >= -ProtocolLimits.MaxExponent and <= ProtocolLimits.MaxExponent
            );
        }

        return measurement;
    }
}
