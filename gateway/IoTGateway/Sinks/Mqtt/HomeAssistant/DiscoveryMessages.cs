using System.Security.Cryptography;
using System.Text;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>What Home Assistant is told of a device: a topic and an entity for each field and for each command.</summary>
internal sealed class DiscoveryMessages(MqttTopics topics)
{
    private const string Root = "homeassistant";

    private static readonly OriginBlock Origin = new(
        "IoT Gateway",
        typeof(DiscoveryMessages).Assembly.GetName().Version?.ToString(3) ?? "0"
    );

    /// <summary>Home Assistant says <c>online</c> here when it starts.</summary>
    public static string BirthTopic => $"{Root}/status";

    public IReadOnlyDictionary<string, EntityConfig> Of(RegisteredDevice device, Catalog catalog)
    {
        var entities = new Dictionary<string, EntityConfig>(StringComparer.Ordinal);
        foreach (var sensor in catalog.Sensors)
        {
            foreach (var field in sensor.Fields)
            {
                var component = field.Type == FieldType.Boolean ? "binary_sensor" : "sensor";
                Add(component, $"{sensor.Measurement}_{field.Name}", OfField(device, sensor, field));
            }
        }
        foreach (var command in catalog.Commands)
        {
            if (
                CommandEntity.Of(command, Blank(device, command.Name, $"command#{command.Name}"), device.Id, topics) is
                { } found
            )
                Add(found.Component, command.Name, found.Config);
        }
        return entities;

        void Add(string component, string name, EntityConfig config)
        {
            var topic = TopicOf(component, device.Id, Level(name));
            // "a_b" with "c" and "a" with "b_c" are two fields.
            if (entities.ContainsKey(topic))
                topic = TopicOf(component, device.Id, $"{Level(name)}_{Hash(config.UniqueId)}");
            entities[topic] = config;
        }
    }

    private static string TopicOf(string component, string device, string entity) =>
        $"{Root}/{component}/{Level(device)}/{entity}/config";

    private EntityConfig OfField(RegisteredDevice device, SensorDescription sensor, FieldDescription field)
    {
        var name = $"{sensor.Measurement} {field.Name}";
        var key = Template.Text(RowTemplate.KeyOf(field.Name));
        var common = Blank(device, name, $"{sensor.Measurement}#{field.Name}") with
        {
            StateTopic = topics.TelemetryOf(device.Id, sensor.Measurement),
        };
        // A row may lack the field. Home Assistant then keeps what it has: a template's empty result changes nothing.
        if (field.Type == FieldType.Boolean)
            return common with
            {
                ValueTemplate = Template.IfIn(key, $"{{{{ 'ON' if value_json[{key}] else 'OFF' }}}}"),
                PayloadOn = "ON",
                PayloadOff = "OFF",
            };
        var unit = DiscoveryUnits.Of(field.Unit);
        return common with
        {
            ValueTemplate = Template.IfIn(key, $"{{{{ value_json[{key}] }}}}"),
            UnitOfMeasurement = unit.Unit,
            DeviceClass = unit.DeviceClass,
            StateClass = unit.StateClass,
        };
    }

    private EntityConfig Blank(RegisteredDevice device, string name, string entity) =>
        new()
        {
            Name = Words(name),
            UniqueId = $"{topics.Prefix}/{device.Id}#{entity}",
            Availability =
                device.Id == MqttTopics.Gateway
                    ? [new AvailabilityTopic(topics.GatewayStatus)]
                    : [new AvailabilityTopic(topics.StatusOf(device.Id)), new AvailabilityTopic(topics.GatewayStatus)],
            Device = new DeviceBlock([$"{topics.Prefix}/{device.Id}"], device.Name, device.Board, device.Firmware),
            Origin = Origin,
        };

    private static string Words(string name) => name.Replace('_', ' ').Replace('-', ' ');

    /// <summary>A level of a discovery topic holds letters, digits, '_' and '-'. Where that made two names one, a hash tells them apart.</summary>
    private static string Level(string name)
    {
        var level = string.Create(
            name.Length,
            name,
            static (characters, name) =>
            {
                for (var i = 0; i < name.Length; i++)
                    characters[i] = char.IsAsciiLetterOrDigit(name[i]) || name[i] is '_' or '-' ? name[i] : '_';
            }
        );
        return level == name ? level : $"{level}_{Hash(name)}";
    }

    private static string Hash(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));
}
