using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>Where things are published and heard. A device id is a level of a topic as it is.</summary>
internal sealed class MqttTopics(string prefix)
{
    /// <summary>What the gateway's own topics use in place of a device.</summary>
    public const string Gateway = "gateway";

    /// <summary>Stands for the command in the answer to what became none.</summary>
    private const string NoCommand = "refused";
    private const int LongestId = 200;

    public string Prefix => prefix;

    public string GatewayStatus => StatusOf(Gateway);

    /// <summary>The commands of all devices; also with more levels than a command has, so that these are answered.</summary>
    public string AllCommands => $"{prefix}/+/commands/#";

    public string TelemetryOf(string device, string measurement) =>
        $"{prefix}/{device}/telemetry/{MqttTopic.Level(measurement)}";

    public string StatusOf(string device) => $"{prefix}/{device}/status";

    public string CommandOf(string device, string name) => $"{prefix}/{device}/commands/{name}";

    public string ResultOf(string device, Guid command) => $"{prefix}/{device}/results/{command}";

    /// <summary>The results of all of a device's commands.</summary>
    public string ResultsOf(string device) => $"{prefix}/{device}/results/+";

    /// <summary>For what became no command: under the id that the sender gave, where that can be a level of a topic.</summary>
    public string RefusalOf(string device, string? id) =>
        $"{prefix}/{device}/results/{(id is { Length: > 0 and <= LongestId } && MqttTopic.Level(id) == id ? id : NoCommand)}";

    /// <summary>The device and the command's name, which may hold slashes, of a topic below <see cref="AllCommands"/>.</summary>
    public (string Device, string Name) ReadCommand(string topic)
    {
        var levels = topic[(prefix.Length + 1)..].Split('/', 3);
        return (levels[0], levels.Length == 3 ? levels[2] : string.Empty);
    }

    /// <summary>Where a rule stands for a device.</summary>
    public string AlarmOf(string device, long rule) => $"{prefix}/{device}/alarms/{rule}";
}
