using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Transports;

/// <summary>Runs of one gateway, one after the other.</summary>
internal sealed class TransportBench(GatewayServer gateway, TransportsSettings settings)
{
    private static readonly int[] RatesPerSecond = [1, 10];

    /// <summary>The gateway pings once in this time: one is among what an idle link costs.</summary>
    private static readonly TimeSpan PingPeriod = TimeSpan.FromSeconds(15);

    /// <summary>Polls are spread evenly: a part of a long period shows as many as there are in it.</summary>
    private static readonly TimeSpan LongestOfPolls = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan CompilersTime = TimeSpan.FromSeconds(3);

    private readonly List<string> _tokens = [];
    private double _idleCpu;
    private IdleCost _request;
    private IdleCost _link;
    private double _openingBytes;
    private uint _epoch;

    /// <summary>What the numbers are of, for people.</summary>
    public FormattableString Heading
    {
        get
        {
            var idleMs = 1000 * _idleCpu;
            var requestBytes = _request.Bytes / _request.Requests;
            var requestMs = _request.CpuMilliseconds / _request.Requests;
            var linkBytes = 60 * _link.Bytes;
            return $"""
                {settings.Devices} devices over TLS on loopback, connections kept open, {settings.Seconds} s a run and at least a poll's period (10 s where rows are polled every 30 s).
                Bytes on the socket with TLS and HTTP, both ways. An update is a row of two readings (up), or a command and its result (down);
                a poll sends all rows since the one before in one message. Of the gateway's CPU {idleMs:F1} ms/s are taken off, which it uses when nobody is there.
                * computed: the run at one a second, and 59 s of an idle device (a request that says nothing: {requestBytes:F0} bytes, {requestMs:F2} ms; a link: {linkBytes:F0} bytes a minute).
                A device that opens a connection for a request needs {_openingBytes
                    - requestBytes:F0} bytes more for it, the catalog of its first request among them.
                """;
        }
    }

    public async Task PrepareAsync()
    {
        for (var i = 0; i < settings.Devices; i++)
            _tokens.Add(
                await gateway.AddDeviceAsync($"device-{i}") ?? throw new InvalidOperationException("No token.")
            );
        var polling = Transport.All.First(transport => transport.PollSeconds == 1);
        var link = Transport.All.First(transport => !transport.IsRequests);
        // The compiler's part: both ways of each kind.
        foreach (var transport in new[] { polling, link })
            await RunAsync(transport, 10, 1, CompilersTime);
        _idleCpu = await IdleCpuAsync();
        var asking = await RunAsync(polling, 0, 0, TimeSpan.FromSeconds(settings.Seconds));
        _openingBytes = asking.OpeningBytes;
        _request = IdleCost.Of(asking, settings.Devices);
        _link = IdleCost.Of(await RunAsync(link, 0, 0, PingPeriod), settings.Devices);
    }

    /// <summary>What the gateway uses in a second when nobody is there, once it has compiled and stored what came before.</summary>
    private async Task<double> IdleCpuAsync()
    {
        await Task.Delay(CompilersTime, TimeProvider.System, CancellationToken.None);
        var (before, start) = (gateway.CpuSeconds(), TimeProvider.System.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(settings.Seconds), TimeProvider.System, CancellationToken.None);
        return (gateway.CpuSeconds() - before) / TimeProvider.System.GetElapsedTime(start).TotalSeconds;
    }

    public async Task<List<TransportCost>> MeasureAsync(Transport transport, string direction)
    {
        var costs = new List<TransportCost>();
        foreach (var rate in RatesPerSecond)
        {
            var isUp = direction == TransportCost.Up;
            if (!isUp && !transport.CanCarryCommands(rate))
                continue;
            var period = TimeSpan.FromSeconds(transport.PollSeconds);
            var least = isUp && period > LongestOfPolls ? LongestOfPolls : period;
            var run = await RunAsync(
                transport,
                isUp ? rate : 0,
                isUp ? 0 : rate,
                TimeSpan.FromSeconds(Math.Max(settings.Seconds, least.TotalSeconds))
            );
            costs.Add(TransportCost.Of(transport, direction, rate * 60, run));
        }
        var idle = transport.IsRequests ? _request.At(transport.IdleRequests) : _link;
        return [costs[0].OncePerMinute(idle), .. costs];
    }

    private Task<Observed> RunAsync(Transport transport, int rows, int commands, TimeSpan duration) =>
        new TransportRun(gateway, _tokens, transport, ++_epoch).RunAsync(rows, commands, duration, _idleCpu);
}
