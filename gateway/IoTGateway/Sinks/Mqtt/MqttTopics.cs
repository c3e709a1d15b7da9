using System.Buffers;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>Where things are published and heard. A device id is a level of a topic as it is, but where the broker takes no dots.</summary>
internal sealed class MqttTopics(string prefix)
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(" .*>%");

    private volatile bool _isEscaping;

    /// <summary>What the gateway's own topics use in place of a device.</summary>
    public const string Gateway = "gateway";

    /// <summary>Stands for the command in the answer to what became none.</summary>
    private const string NoCommand = "refused";
    private const int LongestId = 200;

    public string Prefix => prefix;

    /// <summary>
    /// Whether names are percent-encoded where a broker has a meaning of its own for a character. In NATS and RabbitMQ a dot
    /// is what a slash is in MQTT: the one ended the connection over it until 2.10, the other makes it a slash.
    /// </summary>
    public bool IsEscaping
    {
        get => _isEscaping;
        set => _isEscaping = value;
    }

    /// <summary>Where nothing is of interest but whether and how a broker takes the topic.</summary>
    public string Look => $"{prefix}/{Gateway}/look";

    /// <summary>The same with what not every broker takes.</summary>
    public string OddLook => $"{Look}. ";

    public string GatewayStatus => StatusOf(Gateway);

    /// <summary>The commands of all devices; also with more levels than a command has, so that these are answered.</summary>
    public string AllCommands => $"{prefix}/+/commands/#";

    public string TelemetryOf(string device, string measurement) =>
        $"{prefix}/{Name(device)}/telemetry/{Name(MqttTopic.Level(measurement))}";

    public string StatusOf(string device) => $"{prefix}/{Name(device)}/status";

    public string CommandOf(string device, string name) => $"{prefix}/{Name(device)}/commands/{Name(name)}";

    public string ResultOf(string device, Guid command) => $"{prefix}/{Name(device)}/results/{command}";

    /// <summary>The results of all of a device's commands.</summary>
    public string ResultsOf(string device) => $"{prefix}/{Name(device)}/results/+";

    /// <summary>For what became no command: under the id that the sender gave, where that can be a level of a topic.</summary>
    public string RefusalOf(string device, string? id) =>
        $"{prefix}/{Name(device)}/results/{(id is { Length: > 0 and <= LongestId } && MqttTopic.Level(id) == id ? Name(id) : NoCommand)}";

    /// <summary>The device and the command's name, which may hold slashes, of a topic below <see cref="AllCommands"/>.</summary>
    public (string Device, string Name) ReadCommand(string topic)
    {
        var levels = topic[(prefix.Length + 1)..].Split('/', 3);
        var name = levels.Length == 3 ? levels[2] : string.Empty;
        return IsEscaping ? (Uri.UnescapeDataString(levels[0]), Uri.UnescapeDataString(name)) : (levels[0], name);
    }

    /// <summary>Where a rule stands for a device.</summary>
    public string AlarmOf(string device, long rule) => $"{prefix}/{Name(device)}/alarms/{rule}";

    private string Name(string name) =>
        IsEscaping && name.AsSpan().ContainsAny(Escaped)
            ? string.Concat(name.Select(c => Escaped.Contains(c) ? $"%{(int)c:X2}" : $"{c}"))
            : name;
}
