using IoTGateway.Device.Sensors;

namespace IoTGateway.VirtualDevice;

/// <summary>The world outside the board: it goes on where it was when the board reboots.</summary>
internal sealed class SimulatedRoom(int seed)
{
    public ISensor Climate { get; } = new SimulatedClimate(new Random(seed));

    public ISensor Contact { get; } = new SimulatedContact(new Random(seed + 1));
}

/// <summary>
/// A room's climate as a BME280 shows it: three walks that are pulled back to their means, so that a week of it stays
/// plausible, in steps of the sensor's own noise.
/// </summary>
internal sealed class SimulatedClimate(Random random) : ISensor
{
    private double _celsius = 21.5 + random.NextDouble();
    private double _percentHumidity = 45 + 5 * random.NextDouble();
    private double _hectopascals = 1008 + 10 * random.NextDouble();

    public string Measurement => "climate";

    public Field[] Fields { get; } =
    [
        new("temperature", "Cel", FieldType.Decimal, -2),
        new("humidity", "%RH", FieldType.Decimal, -2),
        new("pressure", "hPa", FieldType.Decimal, -1),
    ];

    public bool TryRead(long[] values, bool[] present)
    {
        _celsius = Walk(_celsius, 21.5, 0.02);
        _percentHumidity = Walk(_percentHumidity, 47, 0.05);
        _hectopascals = Walk(_hectopascals, 1013, 0.03);
        values[0] = (long)Math.Round(_celsius * 100);
        values[1] = (long)Math.Round(_percentHumidity * 100);
        values[2] = (long)Math.Round(_hectopascals * 10);
        Array.Fill(present, true);
        return true;
    }

    private double Walk(double value, double mean, double step) =>
        value + (mean - value) * 0.0005 + (random.NextDouble() - 0.5) * 2 * step;
}

/// <summary>A door that is opened now and then and left open for a little while.</summary>
internal sealed class SimulatedContact(Random random) : ISensor
{
    private bool _open;

    public string Measurement => "contact";

    public Field[] Fields { get; } = [new("open", "", FieldType.Boolean, 0)];

    public bool TryRead(long[] values, bool[] present)
    {
        if (random.NextDouble() < (_open ? 0.1 : 0.01))
            _open = !_open;
        values[0] = _open ? 1 : 0;
        present[0] = true;
        return true;
    }
}
