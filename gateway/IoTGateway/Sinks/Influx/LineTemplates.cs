using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Influx;

/// <summary>What the lines of each sensor of each device share, made once.</summary>
internal sealed class LineTemplates
{
    // Devices and catalogs come and go; what is remembered of them must not grow for ever.
    private const int MostTemplates = 65_536;

    private readonly Dictionary<SensorDescription, Dictionary<string, LineTemplate>> _templates = new(
        ReferenceEqualityComparer.Instance
    );
    private int _count;

    /// <summary>What the lines of a sensor of a device share.</summary>
    public LineTemplate For(string device, SensorDescription sensor)
    {
        if (_templates.TryGetValue(sensor, out var devices) && devices.TryGetValue(device, out var known))
            return known;
        if (_count++ >= MostTemplates)
        {
            _templates.Clear();
            _count = 1;
            devices = null;
        }
        if (devices is null)
            _templates.Add(sensor, devices = new(StringComparer.Ordinal));
        return devices[device] = new LineTemplate(device, sensor);
    }
}
