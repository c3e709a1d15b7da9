using IoTGateway.Devices;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

public sealed class HistoryContractTests : SinkContract
{
    private readonly HistoryDamage _damage = new(NullLogger.Instance);

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    private protected override ISink CreateSink() =>
        new HistorySink(
            SinkRig.History(Rig.Folder),
            new HistoryOptions { Retention = TimeSpan.FromDays(36_500) },
            Rig.Catalogs,
            _damage,
            TimeProvider.System,
            NullLogger<HistorySink>.Instance
        );

    private protected override Task BreakAsync() =>
        RunAsync("CREATE TRIGGER broken BEFORE INSERT ON state BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END");

    private protected override Task RepairAsync() => RunAsync("DROP TRIGGER broken");

    private protected override async Task<Dictionary<(string, string, long), double>> ReadBackAsync()
    {
        var query = new HistoryQuery(SinkRig.History(Rig.Folder), _damage);
        var stored = new Dictionary<(string, string, long), double>();
        foreach (var series in query.Series(SinkRig.Device))
        {
            foreach (var field in series.Fields)
            {
                await foreach (
                    var run in query.StreamAsync(
                        SinkRig.Device,
                        series.Measurement,
                        field.Name,
                        0,
                        long.MaxValue,
                        TestContext.Current.CancellationToken
                    )
                )
                {
                    foreach (var point in run)
                        stored.Add((series.Measurement, field.Name, point.UnixMs), point.Value);
                }
            }
        }
        return stored;
    }

    private Task RunAsync(string sql)
    {
        using var connection = SinkRig.History(Rig.Folder).OpenWriter();
        connection.Execute(sql);
        return Task.CompletedTask;
    }
}
