using System.Collections.Frozen;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// A unit of the SenML registry as Home Assistant writes it, with the device class that has this unit. A class is
/// given only where the unit leaves no doubt of it.
/// </summary>
internal static class DiscoveryUnits
{
    /// <summary>A value that goes up and down.</summary>
    private const string Measurement = "measurement";

    // Energy and volume are counters or amounts, and a catalog does not say which: no state class for these.
    internal static readonly FrozenDictionary<string, DiscoveryUnit> Known = new Dictionary<string, DiscoveryUnit>
    {
        ["Cel"] = new("°C", "temperature", Measurement),
        ["K"] = new("K", "temperature", Measurement),
        ["%RH"] = new("%", "humidity", Measurement),
        ["%EL"] = new("%", "battery", Measurement),
        ["%"] = new("%", null, Measurement),
        ["/100"] = new("%", null, Measurement),
        ["/"] = new(null, null, Measurement),
        ["count"] = new(null, null, Measurement),
        ["pH"] = new(null, "ph", Measurement),
        ["Pa"] = new("Pa", "pressure", Measurement),
        ["hPa"] = new("hPa", "pressure", Measurement),
        ["V"] = new("V", "voltage", Measurement),
        ["mV"] = new("mV", "voltage", Measurement),
        ["A"] = new("A", "current", Measurement),
        ["mA"] = new("mA", "current", Measurement),
        ["W"] = new("W", "power", Measurement),
        ["kW"] = new("kW", "power", Measurement),
        ["VA"] = new("VA", "apparent_power", Measurement),
        ["var"] = new("var", "reactive_power", Measurement),
        ["J"] = new("J", "energy", null),
        ["Wh"] = new("Wh", "energy", null),
        ["kWh"] = new("kWh", "energy", null),
        ["Hz"] = new("Hz", "frequency", Measurement),
        ["MHz"] = new("MHz", "frequency", Measurement),
        ["lx"] = new("lx", "illuminance", Measurement),
        ["W/m2"] = new("W/m²", "irradiance", Measurement),
        ["dBm"] = new("dBm", "signal_strength", Measurement),
        ["s"] = new("s", "duration", Measurement),
        ["ms"] = new("ms", "duration", Measurement),
        ["min"] = new("min", "duration", Measurement),
        ["h"] = new("h", "duration", Measurement),
        ["mm"] = new("mm", "distance", Measurement),
        ["cm"] = new("cm", "distance", Measurement),
        ["m"] = new("m", "distance", Measurement),
        ["km"] = new("km", "distance", Measurement),
        ["m/s"] = new("m/s", "speed", Measurement),
        ["km/h"] = new("km/h", "speed", Measurement),
        ["g"] = new("g", "weight", Measurement),
        ["kg"] = new("kg", "weight", Measurement),
        ["l"] = new("L", "volume", null),
        ["m3"] = new("m³", "volume", null),
        ["B"] = new("B", "data_size", Measurement),
        ["KiB"] = new("KiB", "data_size", Measurement),
        ["GB"] = new("GB", "data_size", Measurement),
        ["bit/s"] = new("bit/s", "data_rate", Measurement),
        ["B/s"] = new("B/s", "data_rate", Measurement),
        ["MB/s"] = new("MB/s", "data_rate", Measurement),
        ["deg"] = new("°", null, Measurement),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Any other unit stands as it is, without a class.</summary>
    public static DiscoveryUnit Of(string senml) =>
        Known.TryGetValue(senml, out var unit)
            ? unit
            : new DiscoveryUnit(senml.Length == 0 ? null : senml, null, Measurement);
}

/// <param name="Unit">As Home Assistant writes it; null for none.</param>
/// <param name="DeviceClass">Null for none.</param>
/// <param name="StateClass">Null where Home Assistant shall keep no statistics.</param>
internal readonly record struct DiscoveryUnit(string? Unit, string? DeviceClass, string? StateClass);
