using IoTGateway.Dashboard.Fleet;
using IoTGateway.Sinks.History;

namespace IoTGateway.Tests.Dashboard;

public sealed class FleetEntryTests
{
    [Fact]
    public void The_history_read_once_more_brings_what_is_newer_and_takes_nothing_back()
    {
        var entry = new FleetEntry("roof");
        entry.Seed([Rssi(1_000, -70)]);
        Assert.Equal(-70, entry.Read().Rssi);
        // Rows that were durable before anybody looked, and came into the history after it was read.
        entry.Seed([Rssi(2_000, -67), new HistorySeries("air", 2_000, [new HistoryField("humidity", "%RH", 40)])]);
        Assert.Equal(-67, entry.Read().Rssi);
        Assert.Equal(["humidity", "rssi"], entry.Read().Values.Select(value => value.Field).Order());
        entry.Seed([Rssi(1_500, -90)]);
        Assert.Equal(-67, entry.Read().Rssi);
        Assert.Contains(entry.Read().Values, value => value is { Field: "rssi", Value: -67 });
    }

    private static HistorySeries Rssi(long unixMs, double dbm) =>
        new("radio", unixMs, [new HistoryField("rssi", "dBm", dbm)]);
}
