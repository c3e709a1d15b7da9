using IoTGateway.Device.Sensors;

namespace IoTGateway.VirtualDevice;

/// <summary>How strong the Wi-Fi is where the board stands: a walk around a level of its own.</summary>
internal sealed class SimulatedRadio(Random random) : ISensor
{
    private readonly double _usual = -50 - (random.NextDouble() * 32);
    private double _level;

    public string Measurement => "radio";

    public Field[] Fields { get; } = [new Field("rssi", "dBm", FieldType.Decimal, 0)];

    public bool TryRead(long[] values, bool[] present)
    {
        _level = (_level * 0.9) + ((random.NextDouble() - 0.5) * 2);
        values[0] = (long)Math.Round(_usual + _level);
        present[0] = true;
        return true;
    }
}
