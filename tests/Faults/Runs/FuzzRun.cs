using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using IoTGateway.Fuzz;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Spoilt messages over live links, at the rate of devices that are allowed to. Most end the link, whoever is thrown out
/// comes back; counted are those that the gateway has read for certain.
/// </summary>
internal sealed class FuzzRun(FaultRun run, string name, int messages, TimeSpan calm, GatewayProcess gateway)
{
    private const int Workers = 4;

    /// <summary>
    /// Until the process is as large as it gets: the code that meets them for the first time, and the heap for their rate. On
    /// some machines that alone is more than may be left of what follows.
    /// </summary>
    private const int FirstMessages = 10_000;

    /// <summary>Between two pings: what comes behind a message that ends the link is read past.</summary>
    private const int AtATime = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Stopwatch _watch = new();
    private int _read;
    private int _ended;

    public static async Task RunAsync(FaultRun run, int messages, TimeSpan calm)
    {
        await using var gateway = await GatewayProcess.StartAsync(
            "--Limits:MessagesPerSecondPerDevice=1000000",
            "--Limits:HandshakesPerMinutePerDevice=1000000",
            "--Limits:HandshakesPerSecondPerAddress=1000000",
            "--Limits:HandshakesPerSecond=1000000"
        );
        await Bystanders.RunAsync(
            run,
            gateway,
            calm,
            async others =>
            {
                await new FuzzRun(run, "first", FirstMessages, TimeSpan.Zero, gateway).FuzzAsync();
                await others.AloneAsync("the first messages");
                var fuzzing = new FuzzRun(run, "fuzz", messages, calm, gateway);
                await others.DuringAsync($"{messages} fuzzed messages", fuzzing.FuzzAsync);
            }
        );
    }

    /// <summary>At least as long as the calm that it is compared with: a quick machine is through in no time.</summary>
    private bool IsDue => Volatile.Read(ref _read) < messages || _watch.Elapsed < calm;

    private async Task FuzzAsync()
    {
        // Messages of a device: those of a gateway end the link by their type, and nothing of them is decoded.
        var corpus = VectorFile
            .Load()
            .All.Where(vector => !vector.FromGateway)
            .Select(vector => vector.Bytes)
            .ToArray();
        var fuzzing = new List<Task>();
        _watch.Start();
        for (var i = 0; i < Workers; i++)
        {
            var token = await gateway.AddDeviceAsync($"{name}-{i}");
            var mutator = new Mutator(new Random(run.Random.Next()), corpus);
            fuzzing.Add(
                Task.Run(async () =>
                {
                    while (IsDue)
                        await FuzzLinkAsync(token, mutator);
                })
            );
        }
        await Task.WhenAll(fuzzing);
        run.Say($"{_read} fuzzed messages were read; {_ended} of them ended their link");
        Assert.True(_ended > 0 && _read > _ended, "Every fuzzed message had the same end.");
    }

    /// <summary>One link, until a message ends it or there were enough.</summary>
    private async Task FuzzLinkAsync(string token, Mutator mutator)
    {
        await using var peer = await HostilePeer.LinkAsync(gateway.HttpPort, token);
        await peer.SendAsync(HostilePeer.Frame(2, Counter.Hello(1)));
        await peer.SendAsync(HostilePeer.Frame(2, Counter.CatalogMessage));
        while (IsDue)
        {
            if (!await AreTakenAsync(peer, mutator))
            {
                // One at least was read, and was the end.
                Interlocked.Increment(ref _read);
                Interlocked.Increment(ref _ended);
                return;
            }
            Interlocked.Add(ref _read, AtATime);
        }
    }

    /// <summary>Sends a few; false where the link has ended over them.</summary>
    private static async Task<bool> AreTakenAsync(HostilePeer peer, Mutator mutator)
    {
        try
        {
            for (var i = 0; i < AtATime; i++)
                await peer.SendAsync(HostilePeer.Frame(2, mutator.Next(out _)));
            return await peer.IsStillThereAsync(Patience);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
