namespace IoTGateway.VirtualDevice.Chips;

/// <summary>
/// A room's air: three walks that are pulled back to their means, so that a week of it stays plausible, in steps of a
/// sensor's own noise. Each measurement is a step.
/// </summary>
internal sealed class RoomAir(Random random)
{
    public double Celsius { get; set; } = 21.5 + random.NextDouble();

    public double PercentHumidity { get; set; } = 45 + 5 * random.NextDouble();

    public double Hectopascals { get; set; } = 1008 + 10 * random.NextDouble();

    public void Step()
    {
        Celsius = Walk(Celsius, 21.5, 0.02);
        PercentHumidity = Walk(PercentHumidity, 47, 0.05);
        Hectopascals = Walk(Hectopascals, 1013, 0.03);
    }

    private double Walk(double value, double mean, double step) =>
        value + (mean - value) * 0.0005 + (random.NextDouble() - 0.5) * 2 * step;
}
