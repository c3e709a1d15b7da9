using System.Globalization;

namespace IoTGateway.Dashboard.Shell;

/// <summary>Numbers and units as people read them.</summary>
public static class Figures
{
    /// <summary>A unit of the SenML registry as it is written on paper.</summary>
    public static string Unit(string unit) =>
        unit switch
        {
            "Cel" => "°C",
            "%RH" or "%EL" => "%",
            "degF" => "°F",
            "m/s2" => "m/s²",
            "m2" => "m²",
            "m3" => "m³",
            "Ohm" => "Ω",
            "dBW" or "dBm" => unit,
            "lon" or "lat" or "deg" => "°",
            "/" or "1" => string.Empty,
            _ => unit,
        };

    /// <summary>A value with as many digits as it bears, and its unit.</summary>
    public static (string Text, string Unit) Of(double value, string unit) =>
        unit switch
        {
            "B" when Math.Abs(value) >= 1_000_000 => (Number(value / 1_000_000), "MB"),
            "B" when Math.Abs(value) >= 1_000 => (Number(value / 1_000), "kB"),
            "s" when value >= 60 && value == Math.Floor(value) => (Duration(TimeSpan.FromSeconds(value)), string.Empty),
            _ => (Number(value), Unit(unit)),
        };

    /// <summary>Fewer decimals the larger it is; none where it is whole.</summary>
    public static string Number(double value) =>
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 10_000 ? value.ToString("#,0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 100 ? value.ToString("#,0.0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 0.01 || value == 0 ? value.ToString("0.00", CultureInfo.InvariantCulture)
        : value.ToString("0.##E+0", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>1.4 GB; 12 kB; 0 B.</summary>
    public static string Bytes(double bytes) =>
        bytes switch
        {
            >= 1e9 => $"{bytes / 1e9:0.0} GB",
            >= 1e6 => $"{bytes / 1e6:0.0} MB",
            >= 1e3 => $"{bytes / 1e3:0} kB",
            _ => $"{bytes:0} B",
        };

    /// <summary>3 d 4 h; 5 min; 12 s.</summary>
    public static string Duration(TimeSpan time) =>
        time switch
        {
            { TotalDays: >= 2 } => $"{(int)time.TotalDays} d {time.Hours} h",
            { TotalHours: >= 1 } => $"{(int)time.TotalHours} h {time.Minutes} min",
            { TotalMinutes: >= 1 } => $"{(int)time.TotalMinutes} min",
            _ => $"{(int)time.TotalSeconds} s",
        };

    /// <summary>A name of a program as words: <c>link_cut</c> is "link cut".</summary>
    public static string Words(string name) => name.Replace('_', ' ');
}
