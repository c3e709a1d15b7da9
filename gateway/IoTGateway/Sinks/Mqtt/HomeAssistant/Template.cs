namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>Pieces of Home Assistant's templates, which are Jinja's.</summary>
internal static class Template
{
    /// <summary>A string as an expression holds it.</summary>
    public static string Text(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>The JSON object of one argument.</summary>
    public static string Arguments(string name, string expression) => $"{{\"{name}\":{{{{ {expression} }}}}}}";

    /// <summary>Something where the message has a key; nothing where it has not.</summary>
    public static string IfIn(string key, string something) =>
        $"{{% if {key} in value_json %}}{something}{{% endif %}}";
}
