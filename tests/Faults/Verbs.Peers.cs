using System.CommandLine;
using IoTGateway.Faults.Runs;

namespace IoTGateway.Faults;

/// <summary>What too many peers do, or such as mean harm.</summary>
internal static partial class Verbs
{
    private static Command Storms()
    {
        var devices = Number("--devices", 2000, "How many come back at once");
        var pace = Number("--pace", 200, "Limits:HandshakesPerSecond");
        return Verb(
            "storm",
            "All devices come back at once: after a stop, and after a kill",
            [devices, pace],
            (run, result) =>
                StormRun.RunAsync(run, new Storm(result.GetValue(devices), result.GetValue(pace), OverTls: true))
        );
    }

    private static Command Adds()
    {
        var adds = Number("--devices", 2000, "How many are registered at once");
        return Verb(
            "adds",
            "A whole fleet is registered at once, while others stream",
            [adds],
            (run, result) => AddsRun.RunAsync(run, result.GetValue(adds))
        );
    }

    private static Command Hostile()
    {
        var seconds = Number("--seconds", 10, "Of each flood, and of each calm that it is compared with");
        return Verb(
            "hostile",
            "Peers that mean harm, while others stream",
            [seconds],
            (run, result) => HostileRun.RunAsync(run, TimeSpan.FromSeconds(result.GetValue(seconds)))
        );
    }

    private static Command Mute()
    {
        var connections = Number("--connections", 10_000, "At the same time");
        return Verb(
            "mute",
            "Connections that never send a byte, and links that never say HELLO",
            [connections],
            (run, result) => MuteRun.RunAsync(run, result.GetValue(connections))
        );
    }

    private static Command Fuzz()
    {
        var messages = Number("--messages", 1_000_000, "That the gateway has read");
        return Verb(
            "fuzz",
            "Spoilt messages over live links",
            [messages],
            (run, result) => FuzzRun.RunAsync(run, result.GetValue(messages), TimeSpan.FromSeconds(5))
        );
    }

    private static Command Live()
    {
        var readers = Number("--readers", 20, "Of each kind: Server-Sent Events, WebSocket");
        var seconds = Number("--seconds", 180, "How long they do not read");
        return Verb(
            "live",
            "Readers of the live feed that stop reading",
            [readers, seconds],
            (run, result) =>
                LiveRun.RunAsync(run, result.GetValue(readers), TimeSpan.FromSeconds(result.GetValue(seconds)))
        );
    }
}
