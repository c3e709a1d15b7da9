using IoTGateway.Mqtt;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// A command as something to press, to switch or to set, by the JSON Schema of its arguments: a button where none is
/// needed, a switch for one boolean, a number for one that is required. What a switch and a number show is what the
/// device has confirmed: the arguments of the last command that succeeded, from wherever it came.
/// </summary>
internal static class CommandEntity
{
    /// <summary>Null where Home Assistant has nothing for it.</summary>
    public static (string Component, EntityConfig Config)? Of(
        CommandDescription command,
        EntityConfig blank,
        string device,
        MqttTopics topics
    )
    {
        // A name that is no level of a topic cannot be sent this way.
        if (MqttTopic.Level(command.Name) != command.Name)
            return null;
        var config = blank with { CommandTopic = topics.CommandOf(device, command.Name) };
        var schema = ArgumentSchema.Of(command.Schema);
        if (schema is null)
            return null;
        if (schema is { Arguments: [{ Type: "boolean" } flag] } && IsPlain(flag.Name))
            return ("switch", AsSwitch(WithState(config, command.Name, flag.Name, device, topics), flag.Name));
        if (schema.Required == 0)
            return ("button", config with { PayloadPress = "{}" });
        if (schema is { Arguments: [{ Type: "integer" or "number" } number] } && IsPlain(number.Name))
            return ("number", AsNumber(WithState(config, command.Name, number.Name, device, topics), number));
        return null;
    }

    private static EntityConfig AsSwitch(EntityConfig config, string argument) =>
        config with
        {
            PayloadOn = $$"""{"{{argument}}":true}""",
            PayloadOff = $$"""{"{{argument}}":false}""",
            StateOn = "True",
            StateOff = "False",
        };

    private static EntityConfig AsNumber(EntityConfig config, Argument argument) =>
        config with
        {
            CommandTemplate = $"{{\"{argument.Name}\":{{{{ value }}}}}}",
            Min = argument.Minimum,
            Max = argument.Maximum,
            Step = argument.Type == "integer" ? 1 : 0.001,
            Mode = "box",
        };

    private static EntityConfig WithState(
        EntityConfig config,
        string command,
        string argument,
        string device,
        MqttTopics topics
    ) =>
        config with
        {
            StateTopic = topics.ResultsOf(device),
            ValueTemplate =
                $"{{% if value_json.name == {Template.Text(command)} and value_json.status == 'succeeded' "
                + $"and '{argument}' in value_json.arguments %}}{{{{ value_json.arguments['{argument}'] }}}}{{% endif %}}",
        };

    private static bool IsPlain(string name) =>
        name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');
}
