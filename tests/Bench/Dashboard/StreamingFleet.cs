using System.Diagnostics;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Dashboard;

/// <summary>Devices that send at a steady rate until disposed, one after the other.</summary>
internal sealed class StreamingFleet : IAsyncDisposable
{
    /// <summary>From one device to the next: a prime, so that those in sight do not speak all at once.</summary>
    private const int Stride = 7_919;

    /// <summary>Registered at a time: they share an fsync.</summary>
    private const int AtATime = 64;

    private readonly LoadLink[] _links;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _sending;

    private StreamingFleet(LoadLink[] links, int rate)
    {
        _links = links;
        _sending = Task.Factory.StartNew(() => Send(rate), TaskCreationOptions.LongRunning);
    }

    public static async Task<StreamingFleet> ConnectAsync(GatewayServer gateway, int devices, int rate)
    {
        var startMs = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var links = new LoadLink[devices];
        await Parallel.ForAsync(
            0,
            devices,
            new ParallelOptions { MaxDegreeOfParallelism = AtATime },
            async (i, _) =>
            {
                var device = $"bench-{i:D5}";
                var token = await gateway.AddDeviceAsync(device);
                links[i] = await LoadLink.OpenAsync(gateway.Target, token, gateway.CreateUplink(device, startMs));
            }
        );
        return new StreamingFleet(links, rate);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _sending;
        foreach (var link in _links)
            await link.DisposeAsync();
        _ending.Dispose();
    }

    private void Send(int rate)
    {
        var clock = Stopwatch.StartNew();
        var sent = 0L;
        while (!_ending.IsCancellationRequested)
        {
            for (var due = (long)(clock.Elapsed.TotalSeconds * rate); sent < due; sent++)
                _links[(int)(sent * Stride % _links.Length)].TrySendNext();
#pragma warning disable RS0030 // a thread that keeps time, not a test that hopes
            Thread.Sleep(1);
#pragma warning restore RS0030
        }
    }
}
