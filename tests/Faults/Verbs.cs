using System.CommandLine;
using IoTGateway.Faults.Runs;

namespace IoTGateway.Faults;

/// <summary>The commands; each is one fault in its long form.</summary>
internal static partial class Verbs
{
    private static readonly Option<int> Seed = new("--seed")
    {
        Description = "Everything random comes from it; without it, a random one is taken and printed",
        DefaultValueFactory = _ => Random.Shared.Next(1, 1_000_000),
    };

    private static readonly Option<int> Percent = Number("--percent", 30, "Of all packets, each way");

    private static readonly Option<int> Seconds = Number("--seconds", 300, "How long");

    public static RootCommand Create()
    {
        var root = new RootCommand("Breaks the gateway and compares what devices were told with what is stored.")
        {
            Kill(),
            Stop(),
            Storms(),
            Adds(),
            Hostile(),
            Mute(),
            Fuzz(),
            Network(),
            Loss(),
            LossInside(),
            Live(),
            Clocks(),
            Soak(),
            Database(),
            Disk("disk", "The disk fills up, on a tmpfs (needs root)", DiskRun.FullAsync),
            Disk("quota", "The journal reaches its quota behind a dead database", DiskRun.QuotaAsync),
        };
        return root;
    }

    private static Command Kill()
    {
        var times = Number("--times", 1000, "How often");
        var devices = Number("--devices", 6, "Light devices; one more runs the firmware");
        return Verb(
            "kill",
            "kill -9 of the gateway at random moments under load",
            [times, devices],
            (run, result) =>
                KillRun.RunTwiceAsync(
                    run,
                    new FaultRun("kill", run.Seed + 1, Console.WriteLine),
                    result.GetValue(times),
                    result.GetValue(devices)
                )
        );
    }

    private static Command Database()
    {
        var times = Number("--times", 100, "How often it is killed");
        var devices = Number("--devices", 6, "Light devices; one more runs the firmware");
        var seconds = Number("--seconds", 60, "How long it is away once");
        return Verb(
            "database",
            "kill -9 of InfluxDB under load, and a long absence of it",
            [times, devices, seconds],
            (run, result) =>
                DatabaseRun.RunAsync(
                    run,
                    result.GetValue(times),
                    result.GetValue(devices),
                    TimeSpan.FromSeconds(result.GetValue(seconds))
                )
        );
    }

    private static Command Stop()
    {
        var devices = Number("--devices", 200, "Light devices; one more runs the firmware");
        return Verb(
            "stop",
            "SIGTERM under load",
            [devices],
            (run, result) => StopRun.RunAsync(run, result.GetValue(devices))
        );
    }

    private static Command Network()
    {
        var cuts = Number("--cuts", 200, "How often all connections are cut in the middle");
        var seconds = Number("--seconds", 60, "How long every byte takes 500 ms");
        return Verb(
            "network",
            "Delay, cuts in the middle of messages, half-open links",
            [cuts, seconds],
            (run, result) =>
                NetworkRun.RunAsync(run, result.GetValue(cuts), TimeSpan.FromSeconds(result.GetValue(seconds)))
        );
    }

    private static Command Loss() =>
        Verb(
            "loss",
            "Packets are lost, in a network namespace of its own (needs root)",
            [Percent, Seconds],
            (run, result) =>
                LossRun.RunAsync(Console.WriteLine, run.Seed, result.GetValue(Percent), result.GetValue(Seconds))
        );

    private static Command LossInside()
    {
        var verb = Verb(
            LossRun.Inside,
            "What 'loss' runs in its namespace",
            [Percent, Seconds],
            (run, result) =>
                LossRun.RunInsideAsync(run, result.GetValue(Percent), TimeSpan.FromSeconds(result.GetValue(Seconds)))
        );
        verb.Hidden = true;
        return verb;
    }

    private static Command Clocks()
    {
        var jumps = Number("--jumps", 100, "Of one device's clock, back and forth");
        return Verb(
            "clocks",
            "Device clocks at 1970, a year ahead, jumping",
            [jumps],
            (run, result) => ClockRun.RunAsync(run, result.GetValue(jumps))
        );
    }

    private static Command Soak()
    {
        var minutes = Number("--minutes", 30, "How long");
        var devices = Number("--devices", 100, "Light devices, 10 rows a second each; one more runs the firmware");
        return Verb(
            "soak",
            "A steady rate: memory and handles flat, no lag",
            [minutes, devices],
            (run, result) =>
                SoakRun.RunAsync(run, TimeSpan.FromMinutes(result.GetValue(minutes)), result.GetValue(devices))
        );
    }

    private static Command Disk(string name, string description, Func<FaultRun, int, TimeSpan, Task> body)
    {
        var devices = Number("--devices", 20, "Light devices; one more runs the firmware");
        var seconds = Number("--seconds", 30, "How long there is no room");
        return Verb(
            name,
            description,
            [devices, seconds],
            (run, result) => body(run, result.GetValue(devices), TimeSpan.FromSeconds(result.GetValue(seconds)))
        );
    }

    private static Option<int> Number(string name, int value, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    private static Command Verb(
        string name,
        string description,
        Option[] options,
        Func<FaultRun, ParseResult, Task> body
    )
    {
        var verb = new Command(name, description) { Seed };
        foreach (var option in options)
            verb.Add(option);
        verb.SetAction(
            async (result, _) =>
            {
                var run = new FaultRun(name, result.GetValue(Seed), Console.WriteLine);
                try
                {
                    await run.TellAsync(_ => body(run, result));
                    return 0;
                }
                catch (Exception e) when (e is Xunit.Sdk.IAssertionException or Xunit.Sdk.XunitException)
                {
                    await Console.Error.WriteLineAsync($"{name} --seed {run.Seed}: {e.Message}");
                    return 1;
                }
            }
        );
        return verb;
    }
}
