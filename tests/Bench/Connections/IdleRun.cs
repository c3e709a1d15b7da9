using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Connections;

/// <summary>What idle links cost a server.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Links">How many.</param>
/// <param name="BytesPerLink">Resident memory that they added, over their number.</param>
/// <param name="CollectedBytesPerLink">The same after the garbage of a .NET server was collected.</param>
/// <param name="ResidentMegabytes">Of the whole server, at the end.</param>
internal sealed record IdleCost(
    string Server,
    int Links,
    double BytesPerLink,
    double CollectedBytesPerLink,
    double ResidentMegabytes
);

/// <summary>Opens links and leaves them alone.</summary>
internal sealed class IdleRun(IngestServer server, int links)
{
    /// <summary>What comes once, such as code that is compiled, belongs to no link.</summary>
    private const int WarmUpLinks = 1_000;
    private const int AtOnce = 32;

    /// <summary>Long enough for whoever keeps buffers of a handshake for a while.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(5);

    public async Task<IdleCost> RunAsync()
    {
        var open = new LoadLink[links + WarmUpLinks];
        try
        {
            await OpenAsync(open, 0, WarmUpLinks);
            await WaitAsync();
            await server.CollectGarbageAsync();
            var before = server.ResidentBytes();
            await OpenAsync(open, WarmUpLinks, open.Length);
            await WaitAsync();
            var opened = server.ResidentBytes();
            await server.CollectGarbageAsync();
            await WaitAsync();
            var collected = server.ResidentBytes();
            if (Array.Find(open, link => link.Closed is not null) is { } closed)
                throw new InvalidOperationException($"{server.Name} closed an idle link: {closed.Closed}");
            return new IdleCost(
                server.Name,
                links,
                (opened - before) / (double)links,
                (collected - before) / (double)links,
                collected / 1e6
            );
        }
        finally
        {
            foreach (var link in open.OfType<LoadLink>())
                await link.DisposeAsync();
        }
    }

    private async Task OpenAsync(LoadLink[] open, int from, int to)
    {
        var start = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await Parallel.ForAsync(
            from,
            to,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (number, _) =>
            {
                var device = $"idle-{number:D5}";
                var token = await server.AddDeviceAsync(device);
                open[number] = await LoadLink.OpenAsync(server.Target, token, server.CreateUplink(device, start));
            }
        );
    }

    private static Task WaitAsync() => Task.Delay(Quiet, TimeProvider.System, CancellationToken.None);
}
