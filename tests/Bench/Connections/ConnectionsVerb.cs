using System.CommandLine;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Connections;

/// <summary><c>connections</c>: what an open link costs that says nothing, and what it costs to open one.</summary>
internal static class ConnectionsVerb
{
    private const string Gateway = "iotgw";
    private const string Floor = "floor";
    private static readonly string[] All = [Gateway, Floor, "node-ws", "mosquitto", "nats-server", "python-websockets"];

    public static Command Create()
    {
        var servers = new Option<string[]>("--servers")
        {
            Description = $"{string.Join(", ", All)} (floor: Kestrel and a handler that only waits); one or more",
            DefaultValueFactory = _ => All,
            AllowMultipleArgumentsPerToken = true,
        };
        var links = new Option<int[]>("--links")
        {
            Description = "Idle links, one row each",
            DefaultValueFactory = _ => [1_000, 10_000],
            AllowMultipleArgumentsPerToken = true,
        };
        var handshakes = Report.Number(
            "--handshakes",
            "Links opened and closed to see what one costs; 0 for none",
            2_000
        );
        var tls = new Option<bool>("--tls") { Description = "wss instead of ws" };
        var json = Report.JsonOption();
        var verb = new Command("connections", "Resident bytes of an idle link, handshakes a second and their cost")
        {
            servers,
            links,
            handshakes,
            tls,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    new ConnectionSettings(
                        result.GetRequiredValue(servers),
                        result.GetRequiredValue(links),
                        result.GetRequiredValue(handshakes),
                        result.GetValue(tls)
                    ),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(ConnectionSettings settings, FileInfo? json)
    {
        var report = Report.Begin(
            "connections",
            settings,
            $"{(settings.Tls ? "wss" : "ws")}; idle links, each a device; .NET servers also after their garbage was collected"
        );
        var idle = report.Table("server", "links", "bytes a link", "without garbage", "MB in all");
        var costs = new List<IdleCost>();
        foreach (var count in settings.Links)
        {
            foreach (var name in settings.Servers)
            {
                await using var server = await StartAsync(name, settings.Tls);
                var cost = await new IdleRun(server, count).RunAsync();
                costs.Add(cost);
                idle.Row(
                    $"{cost.Server}",
                    $"{cost.Links:N0}",
                    $"{cost.BytesPerLink:N0}",
                    $"{cost.CollectedBytesPerLink:N0}",
                    $"{cost.ResidentMegabytes:F0}"
                );
            }
        }
        report.Add("idle", costs);
        if (settings.Handshakes > 0)
            report.Add("handshakes", await ShakeHandsAsync(report, settings));
        await report.SaveAsync(json);
        return 0;
    }

    private static async Task<List<HandshakeCost>> ShakeHandsAsync(Report report, ConnectionSettings settings)
    {
        var table = report.Table("server", "TLS sessions", "handshakes/s", "CPU ms a handshake", "failed");
        var costs = new List<HandshakeCost>();
        foreach (var name in settings.Servers)
        {
            foreach (var resume in settings.Tls ? new[] { false, true } : [false])
            {
                await using var server = await StartAsync(name, settings.Tls);
                var cost = await new HandshakeRun(server, settings.Handshakes, resume).RunAsync();
                costs.Add(cost);
                table.Row(
                    $"{cost.Server}",
                    $"{(!settings.Tls ? "none" : resume ? "resumed" : "new")}",
                    $"{cost.PerSecond:N0}",
                    $"{cost.CpuMilliseconds:F2}",
                    $"{cost.Failed:N0}"
                );
            }
        }
        return costs;
    }

    private static async Task<IngestServer> StartAsync(string name, bool tls) =>
        name switch
        {
            Gateway => await GatewayServer.StartAsync(tls, database: null),
            Floor => await FloorServer.StartAsync(tls),
            _ => await Peer.StartAsync(name, tls, database: null),
        };
}

/// <summary>What <c>connections</c> was asked for.</summary>
internal sealed record ConnectionSettings(string[] Servers, int[] Links, int Handshakes, bool Tls);
