using System.Net.Http.Json;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Transports;

/// <summary>What a run showed, all devices together.</summary>
/// <param name="Seconds">How long was measured.</param>
/// <param name="Updates">Rows sent, or commands that arrived.</param>
/// <param name="Bytes">On the sockets, both ways.</param>
/// <param name="Requests">HTTP requests.</param>
/// <param name="CpuSeconds">Of the gateway, less what it uses when nobody is there.</param>
/// <param name="OpeningBytes">Before that, of each device: TLS, and the first words.</param>
/// <param name="Milliseconds">Until a device had a command, in order; empty where none was sent.</param>
internal sealed record Observed(
    double Seconds,
    double Updates,
    double Bytes,
    double Requests,
    double CpuSeconds,
    double OpeningBytes,
    double[] Milliseconds
);

/// <summary>Devices on one transport, with rows up or commands down at one rate.</summary>
internal sealed class TransportRun(GatewayServer gateway, IReadOnlyList<string> tokens, Transport transport, uint epoch)
{
    /// <summary>The compiler's part, and the pace.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestBeforeRows = TimeSpan.FromSeconds(5);

    /// <summary>Callers that ask for commands at a time.</summary>
    private const int Callers = 32;

    /// <summary>The same order in every run.</summary>
    private const int Seed = 1;

    private readonly SocketCount _count = new();
    private readonly CommandLog _commands = new();
    private double _openingBytes;

    /// <summary>Runs.</summary>
    /// <param name="rowsPerSecond">Of each device.</param>
    /// <param name="commandsPerSecond">For each device.</param>
    /// <param name="duration">How long to measure.</param>
    /// <param name="idleCpu">What the gateway uses in a second when nobody is there.</param>
    public async Task<Observed> RunAsync(int rowsPerSecond, int commandsPerSecond, TimeSpan duration, double idleCpu)
    {
        var devices = new List<BenchDevice>();
        using var ending = new CancellationTokenSource();
        try
        {
            foreach (var token in tokens)
                devices.Add(Create(token));
            await Task.WhenAll(devices.Select(device => device.OpenAsync()));
            _openingBytes = (double)_count.Bytes / devices.Count;
            var living = devices.Select(
                (device, i) => device.RunAsync(rowsPerSecond, (double)i / devices.Count, ending.Token)
            );
            var all = Task.WhenAll([.. living, AskAsync(commandsPerSecond, ending.Token)]);
            // Between two polls commands gather: only after the first of them is the pace a steady one. Rows need no more
            // than that most connections have carried a request.
            var period = TimeSpan.FromSeconds(transport.PollSeconds);
            var before = commandsPerSecond > 0 || period < LongestBeforeRows ? period : LongestBeforeRows;
            await PauseAsync(WarmUp + before, all);
            var observed = await ObserveAsync(rowsPerSecond, duration, idleCpu, all);
            await ending.CancelAsync();
            await all;
            return observed;
        }
        finally
        {
            await ending.CancelAsync();
            foreach (var device in devices)
                await device.DisposeAsync();
        }
    }

    private async Task<Observed> ObserveAsync(int rowsPerSecond, TimeSpan duration, double idleCpu, Task all)
    {
        _commands.Begin();
        var (bytes, requests, rows, arrived) = (_count.Bytes, _count.Requests, _count.Rows, _commands.Arrived());
        var cpu = gateway.CpuSeconds();
        var start = TimeProvider.System.GetTimestamp();
        await PauseAsync(duration, all);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        return new Observed(
            seconds,
            rowsPerSecond > 0 ? _count.Rows - rows : _commands.Arrived() - arrived,
            _count.Bytes - bytes,
            _count.Requests - requests,
            Math.Max(0, gateway.CpuSeconds() - cpu - (idleCpu * seconds)),
            _openingBytes,
            _commands.Sorted()
        );
    }

    /// <summary>Waits, and fails as soon as a device does.</summary>
    private static async Task PauseAsync(TimeSpan time, Task all)
    {
        var over = Task.Delay(time, TimeProvider.System, CancellationToken.None);
        if (await Task.WhenAny(over, all) == all)
            await all;
    }

    private BenchDevice Create(string token)
    {
        var messages = new DeviceMessages(epoch, _commands, _count);
        return transport.IsRequests
            ? new RequestDevice(gateway.Target.Port, token, transport, messages, _count)
            : new LinkDevice(gateway.Target.Port, token, messages, _count);
    }

    /// <summary>Asks for commands, evenly over time and devices.</summary>
    private async Task AskAsync(int perSecond, CancellationToken ending)
    {
        if (perSecond == 0)
            return;
        var pace = TimeSpan.FromSeconds(1) / (perSecond * tokens.Count);
        var start = TimeProvider.System.GetTimestamp();
        var next = -1;
        // Not in the order in which the devices poll, or a device's commands would always come just after its poll.
        var order = Enumerable.Range(0, tokens.Count).ToArray();
        new Random(Seed).Shuffle(order);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync()));

        async Task CallAsync()
        {
            try
            {
                while (!ending.IsCancellationRequested)
                {
                    var number = Interlocked.Increment(ref next);
                    var due = (pace * number) - TimeProvider.System.GetElapsedTime(start);
                    if (due > TimeSpan.Zero)
                        await Task.Delay(due, TimeProvider.System, ending);
                    await PostAsync(order[number % order.Length], ending);
                }
            }
            catch (OperationCanceledException) when (ending.IsCancellationRequested)
            {
                // The run is over.
            }
        }
    }

    private async Task PostAsync(int device, CancellationToken ending)
    {
        var id = tokens[device][..tokens[device].LastIndexOf('.')];
        using var answer = await gateway.Api.PostAsJsonAsync(
            $"/api/devices/{id}/commands",
            new
            {
                name = "echo",
                arguments = new { number = _commands.Ask() },
                ttlSeconds = 90,
            },
            ending
        );
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(
                $"A command got {answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ending)}"
            );
    }
}
