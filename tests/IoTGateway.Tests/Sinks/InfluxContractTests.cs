using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using IoTGateway.Tests.Servers;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>On InfluxDB 1 by its own write call, compressed as over a network.</summary>
public sealed class InfluxContractTests : SinkContract
{
    private InfluxDbServer? _server;

    private InfluxDbServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public override async ValueTask InitializeAsync() => _server = await InfluxDbServer.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private protected override ISink CreateSink()
    {
        var (url, handler) = Elsewhere.Of(Server.Url);
        return new InfluxSink(
            new InfluxOptions
            {
                Url = url,
                Version = 1,
                Database = InfluxDbServer.Database,
                Resend = TimeSpan.Zero,
            },
            Rig.Catalogs,
            Rig.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            handler
        );
    }

    private protected override Task BreakAsync() => Server.StopAsync();

    private protected override Task RepairAsync() => Server.ResumeAsync();

    private protected override async Task<Dictionary<(string, string, long), double>> ReadBackAsync() =>
        (await Server.ReadAsync(SinkRig.Device)).ToDictionary(pair => pair.Key, pair => (double)pair.Value);

    [Fact]
    public async Task Lines_that_conflict_are_recorded_with_the_databases_reason_and_the_others_stored()
    {
        // Somebody else has written humidity as a text.
        await Server.WriteAsync($"room\\ climate,device=other humidity=\"wet\" {SinkRig.Start}");
        using var sink = (InfluxSink)CreateSink();
        var fan = Rig.Telemetry(Rig.FanRows(20, SinkRig.Start));
        var expected = Rig.Sent.Count;
        var climate = Rig.Telemetry(Rig.ClimateRows(40, SinkRig.Start));
        var humid = Rig.Sent.Count(pair => pair.Key.Field == "humidity");
        var verdict = await sink.WriteAsync(Rig.Batch(climate, fan), TestContext.Current.CancellationToken);

        Assert.True(verdict.Accepted, verdict.Reason);
        Assert.Equal(humid, sink.Counters.Rejected);
        var rejected = Rig.Rejected.Newest("influx", 100);
        Assert.Equal(humid, rejected.Count);
        Assert.All(
            rejected,
            entry => Assert.Contains("field type conflict", entry.Row.Reason, StringComparison.Ordinal)
        );
        Assert.All(
            rejected,
            entry => Assert.StartsWith("room\\ climate,device=porch.7 ", entry.Row.Row, StringComparison.Ordinal)
        );
        var stored = await ReadBackAsync();
        Assert.Equal(expected + 40 - humid, stored.Count);
    }

    [Fact]
    public async Task A_database_that_does_not_exist_keeps_the_batch_and_names_the_setting()
    {
        var options = new InfluxOptions
        {
            Url = Server.Url,
            Version = 1,
            Database = "nowhere",
        };
        using var sink = new InfluxSink(
            options,
            Rig.Catalogs,
            Rig.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            InfluxClient.CreateHandler()
        );
        var batch = Rig.Batch(Rig.Telemetry(Rig.ClimateRows(1, SinkRig.Start)));
        var verdict = await sink.WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.False(verdict.Accepted);
        Assert.Contains("Influx:Database 'nowhere'", verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("database not found", verdict.Reason, StringComparison.Ordinal);
    }
}

/// <summary>On VictoriaMetrics by the write call of InfluxDB 2.</summary>
public sealed class InfluxV2ContractTests : SinkContract
{
    private VictoriaMetricsServer? _server;

    private VictoriaMetricsServer Server => _server ?? throw new InvalidOperationException("Not started.");

    public override async ValueTask InitializeAsync() => _server = await VictoriaMetricsServer.StartAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private protected override ISink CreateSink() =>
        new InfluxSink(
            new InfluxOptions
            {
                Url = Server.Url,
                Org = "home",
                Bucket = "telemetry",
                Token = "t",
                Resend = TimeSpan.Zero,
            },
            Rig.Catalogs,
            Rig.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            InfluxClient.CreateHandler()
        );

    private protected override Task BreakAsync() => Server.StopAsync();

    private protected override Task RepairAsync() => Server.ResumeAsync();

    /// <summary>It stores the values of a block as integers with one common power of ten.</summary>
    private protected override double Loss => 1e-17;

    /// <summary>A metric's name is measurement, underscore, field.</summary>
    private protected override async Task<Dictionary<(string, string, long), double>> ReadBackAsync()
    {
        var (values, samples) = await Server.ReadAsync(SinkRig.Device);
        Assert.Equal(values.Count, samples);
        return values.ToDictionary(pair => Split(pair.Key.Metric, pair.Key.UnixMs), pair => pair.Value);
    }

    private static (string, string, long) Split(string metric, long time)
    {
        var at = metric.LastIndexOf('_');
        return (metric[..at], metric[(at + 1)..], time);
    }
}
