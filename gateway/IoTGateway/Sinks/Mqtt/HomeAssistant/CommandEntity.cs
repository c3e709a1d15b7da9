using IoTGateway.Mqtt;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// A command as something to press, to switch, to set, to choose or to write, by the JSON Schema of its arguments. What a
/// switch, a number and a select show is what the device has confirmed: the arguments of the last such command that
/// succeeded, from wherever it came. A text shows what was written last: Home Assistant takes no "nothing new" for it.
/// </summary>
internal static class CommandEntity
{
    // Expressions of what a person has entered.
    private const string Number = "value";
    private const string Text = "value | tojson";

    /// <summary>Null where it cannot be sent by topic.</summary>
    public static (string Component, EntityConfig Config)? Of(
        CommandDescription command,
        EntityConfig blank,
        string device,
        MqttTopics topics
    )
    {
        // A name that is no level of a topic.
        if (MqttTopic.Level(command.Name) != command.Name)
            return null;
        var config = blank with { CommandTopic = topics.CommandOf(device, command.Name) };
        return ArgumentSchema.Of(command.Schema) switch
        {
            { Arguments: [{ Type: "boolean", IsPlain: true } flag] } => (
                "switch",
                AsSwitch(WithState(flag), flag.Name)
            ),
            { Required: 0 } => ("button", config with { PayloadPress = "{}" }),
            { Required: 1, Arguments: [{ IsPlain: true } only] } => OfArgument(only),
            // What is written is the message: an object of all the arguments.
            _ => ("text", config),
        };

        (string Component, EntityConfig Config) OfArgument(Argument only) =>
            only switch
            {
                { Choices.Count: > 0 } => ("select", AsSelect(WithState(only), only)),
                { Type: "integer" or "number" } => ("number", AsNumber(WithState(only), only)),
                { Type: "string" } => ("text", config with { CommandTemplate = Template.Arguments(only.Name, Text) }),
                _ => ("text", config),
            };

        EntityConfig WithState(Argument argument) =>
            config with
            {
                StateTopic = topics.ResultsOf(device),
                ValueTemplate =
                    $"{{% if value_json.name == {Template.Text(command.Name)} and value_json.status == 'succeeded' "
                    + $"and '{argument.Name}' in value_json.arguments %}}{{{{ value_json.arguments['{argument.Name}'] }}}}{{% endif %}}",
            };
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
            CommandTemplate = Template.Arguments(argument.Name, Number),
            Min = argument.Minimum,
            Max = argument.Maximum,
            Step = argument.Type == "integer" ? 1 : 0.001,
            Mode = "box",
        };

    private static EntityConfig AsSelect(EntityConfig config, Argument argument) =>
        config with
        {
            CommandTemplate = Template.Arguments(argument.Name, argument.HasTextChoices ? Text : Number),
            Options = argument.Choices,
        };
}
