using System.Text.Json;

namespace IoTGateway.Tests.Mqtt;

/// <summary>
/// What Home Assistant's documentation allows in a discovery message, as far as the gateway uses it. Its pages, below
/// https://www.home-assistant.io/integrations/: <c>mqtt</c> (discovery topic, device, origin, availability),
/// <c>sensor.mqtt</c>, <c>binary_sensor.mqtt</c>, <c>switch.mqtt</c>, <c>button.mqtt</c>, <c>number.mqtt</c>,
/// <c>select.mqtt</c>, <c>text.mqtt</c>, and <c>sensor</c> (device classes with their units and state classes).
/// </summary>
internal static class HomeAssistantSchema
{
    private static readonly string[] Common =
    [
        "name",
        "unique_id",
        "availability",
        "availability_mode",
        "device",
        "origin",
        "qos",
    ];

    /// <summary>Each component's own keys; those with an asterisk it must have.</summary>
    private static readonly Dictionary<string, string[]> Keys = new()
    {
        ["sensor"] = ["state_topic*", "value_template", "unit_of_measurement", "device_class", "state_class"],
        ["binary_sensor"] = ["state_topic*", "value_template", "payload_on", "payload_off", "device_class"],
        ["switch"] =
        [
            "command_topic*",
            "state_topic",
            "value_template",
            "payload_on",
            "payload_off",
            "state_on",
            "state_off",
        ],
        ["button"] = ["command_topic*", "payload_press"],
        ["number"] =
        [
            "command_topic*",
            "command_template",
            "state_topic",
            "value_template",
            "min",
            "max",
            "step",
            "mode",
        ],
        ["select"] = ["command_topic*", "options*", "command_template", "state_topic", "value_template"],
        ["text"] = ["command_topic*", "command_template", "state_topic", "value_template"],
    };

    private static readonly Dictionary<string, string?[]> Units = new()
    {
        ["apparent_power"] = ["mVA", "VA", "kVA"],
        ["battery"] = ["%"],
        ["current"] = ["A", "mA"],
        ["data_rate"] =
        [
            "bit/s",
            "kbit/s",
            "Mbit/s",
            "Gbit/s",
            "B/s",
            "kB/s",
            "MB/s",
            "GB/s",
            "KiB/s",
            "MiB/s",
            "GiB/s",
        ],
        ["data_size"] = ["bit", "kbit", "Mbit", "Gbit", "B", "kB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"],
        ["distance"] = ["km", "m", "cm", "mm", "mi", "nmi", "yd", "in"],
        ["duration"] = ["d", "h", "min", "s", "ms", "µs"],
        ["energy"] = ["J", "kJ", "MJ", "GJ", "mWh", "Wh", "kWh", "MWh", "GWh", "TWh", "cal", "kcal", "Mcal", "Gcal"],
        ["frequency"] = ["Hz", "kHz", "MHz", "GHz"],
        ["humidity"] = ["%"],
        ["illuminance"] = ["lx"],
        ["irradiance"] = ["W/m²", "BTU/(h⋅ft²)"],
        ["ph"] = [null],
        ["power"] = ["mW", "W", "kW", "MW", "GW", "TW"],
        ["pressure"] = ["Pa", "kPa", "hPa", "bar", "cbar", "mbar", "mmHg", "inHg", "psi"],
        ["reactive_power"] = ["mvar", "var", "kvar"],
        ["signal_strength"] = ["dB", "dBm"],
        ["speed"] = ["ft/s", "in/d", "in/h", "in/s", "km/h", "kn", "m/s", "mph", "mm/d", "mm/s"],
        ["temperature"] = ["°C", "°F", "K"],
        ["voltage"] = ["V", "mV", "µV", "kV", "MV"],
        ["volume"] = ["L", "mL", "gal", "fl. oz.", "m³", "ft³", "CCF"],
        ["weight"] = ["kg", "g", "mg", "µg", "oz", "lb", "st"],
    };

    /// <summary>These classes take no state class "measurement".</summary>
    private static readonly string[] NotMeasured = ["energy", "volume"];

    /// <summary>The device classes of sensors, with the units that each takes.</summary>
    public static void CheckUnit(string? deviceClass, string? unit, string? stateClass)
    {
        if (deviceClass is not null)
            Assert.Contains(unit, Units[deviceClass]);
        Assert.Contains(stateClass, new[] { null, "measurement", "total", "total_increasing" });
        if (NotMeasured.Contains(deviceClass))
            Assert.NotEqual("measurement", stateClass);
    }

    /// <summary>One message.</summary>
    /// <param name="topic">Where it is.</param>
    /// <param name="config">What it says.</param>
    public static void Check(string topic, JsonElement config)
    {
        // <discovery_prefix>/<component>/[<node_id>/]<object_id>/config, the ids of [a-zA-Z0-9_-].
        var levels = topic.Split('/');
        Assert.True(levels is ["homeassistant", _, _, _, "config"], topic);
        Assert.All(levels[2] + levels[3], c => Assert.True(char.IsAsciiLetterOrDigit(c) || c is '_' or '-', topic));
        var component = levels[1];
        var keys = Keys[component];
        var given = config.EnumerateObject().Select(property => property.Name).ToArray();
        Assert.Empty(given.Except(Common).Except(keys.Select(key => key.TrimEnd('*'))));
        Assert.Empty(keys.Where(key => key.EndsWith('*')).Select(key => key.TrimEnd('*')).Except(given));
        foreach (var property in config.EnumerateObject())
            CheckType(property);
        if (component == "sensor")
            CheckUnit(Text(config, "device_class"), Text(config, "unit_of_measurement"), Text(config, "state_class"));
        CheckDevice(config.GetProperty("device"), config.GetProperty("origin"));
        Assert.NotEqual("", Text(config, "unique_id"));
    }

    private static void CheckType(JsonProperty property)
    {
        switch (property.Name)
        {
            case "availability":
                foreach (var one in property.Value.EnumerateArray())
                    Assert.Equal(["topic"], one.EnumerateObject().Select(key => key.Name));
                break;
            case "availability_mode":
                Assert.Contains(property.Value.GetString(), new[] { "all", "any", "latest" });
                break;
            case "qos":
                Assert.InRange(property.Value.GetInt32(), 0, 2);
                break;
            case "mode":
                Assert.Contains(property.Value.GetString(), new[] { "auto", "box", "slider" });
                break;
            case "options":
                Assert.All(property.Value.EnumerateArray(), one => Assert.Equal(JsonValueKind.String, one.ValueKind));
                break;
            case "min" or "max" or "step":
                Assert.Equal(JsonValueKind.Number, property.Value.ValueKind);
                break;
            case "device" or "origin":
                Assert.Equal(JsonValueKind.Object, property.Value.ValueKind);
                break;
            default:
                Assert.Equal(JsonValueKind.String, property.Value.ValueKind);
                break;
        }
    }

    private static void CheckDevice(JsonElement device, JsonElement origin)
    {
        string[] keys =
        [
            "identifiers",
            "connections",
            "name",
            "model",
            "manufacturer",
            "sw_version",
            "hw_version",
            "serial_number",
            "suggested_area",
            "via_device",
            "configuration_url",
            "model_id",
        ];
        Assert.Empty(device.EnumerateObject().Select(key => key.Name).Except(keys));
        Assert.NotEmpty(device.GetProperty("identifiers").EnumerateArray());
        Assert.Empty(origin.EnumerateObject().Select(key => key.Name).Except(["name", "sw_version", "support_url"]));
        Assert.NotEqual("", origin.GetProperty("name").GetString());
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;
}
