using IoTGateway.Dashboard.Fleet;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Tests.Dashboard;

/// <summary>Search, filter and every order of the fleet.</summary>
public sealed class FleetFilterTests
{
    private static readonly SensorDescription Climate = new(
        1,
        "climate",
        [new FieldDescription("temperature", "Cel", FieldType.Decimal, -1)]
    );
    private static readonly SensorDescription Board = new(
        2,
        "board",
        [new FieldDescription("rssi", "dBm", FieldType.Decimal, 0)]
    );

    /// <summary>By id, as the registry gives them: attic and cellar are here, barn was, shed never.</summary>
    private static readonly FleetEntry[] Fleet =
    [
        Entry("attic", "2.0", isOnline: true, sinceMs: 100, rowMs: 5_000, temperature: 20, rssi: -80),
        Entry("barn", "1.0", isOnline: false, sinceMs: 9_000, rowMs: 8_000, temperature: 30, rssi: -50),
        Entry("cellar", "3.0", isOnline: true, sinceMs: 200, rowMs: 7_000, temperature: 10, rssi: null),
        Entry("shed", null, isOnline: false, sinceMs: 0, rowMs: 0, temperature: null, rssi: null, isDisabled: true),
    ];

    [Theory]
    [InlineData("", "attic barn cellar shed")]
    [InlineData("seen", "barn cellar attic shed")]
    [InlineData("state", "attic cellar barn shed")]
    [InlineData("signal", "attic barn cellar shed")]
    [InlineData("value", "barn attic cellar shed")]
    [InlineData("firmware", "barn attic cellar shed")]
    [InlineData("nonsense", "attic barn cellar shed")]
    public void Every_order_puts_who_has_nothing_last(string sort, string expected) =>
        Assert.Equal(expected, Ids(FleetFilter.None with { Sort = sort }));

    [Theory]
    [InlineData("", "online", "attic cellar")]
    [InlineData("", "offline", "barn")]
    [InlineData("", "disabled", "shed")]
    [InlineData("AR", "", "barn cellar")]
    [InlineData("3.0", "", "cellar")]
    [InlineData("a", "offline", "barn")]
    public void Search_and_state_narrow_the_list(string search, string show, string expected) =>
        Assert.Equal(expected, Ids(new FleetFilter(search, show, "")));

    [Fact]
    public void A_row_has_the_signal_whether_it_came_now_or_is_in_the_history()
    {
        Assert.Equal(-80, Fleet[0].Read().Rssi);
        var entry = new FleetEntry("roof");
        entry.Seed([new HistorySeries("board", 1_000, [new HistoryField("rssi", "dBm", -67)])]);
        Assert.Equal(-67, entry.Read().Rssi);
        entry.Take(Row(Board, 2_000, -70));
        Assert.Equal(-70, entry.Read().Rssi);
    }

    private static string Ids(FleetFilter filter) => string.Join(' ', filter.Apply(Fleet).Select(row => row.Id));

    private static FleetEntry Entry(
        string id,
        string? firmware,
        bool isOnline,
        long sinceMs,
        long rowMs,
        double? temperature,
        double? rssi,
        bool isDisabled = false
    )
    {
        var entry = new FleetEntry(id);
        entry.Set(new RegisteredDevice(id, id, isDisabled, 0, firmware, "esp32", null, null));
        var status = new DeviceStatus();
        if (sinceMs > 0)
            status.SetOnline(status, sinceMs);
        if (!isOnline && sinceMs > 0)
            status.SetOffline(status, sinceMs, default);
        entry.Set(status);
        if (temperature is { } celsius)
            entry.Take(Row(Climate, rowMs, (long)(celsius * 10)));
        if (rssi is { } signal)
            entry.Take(Row(Board, rowMs, (long)signal));
        return entry;
    }

    private static RowBlock Row(SensorDescription sensor, long unixMs, long raw)
    {
        var block = new RowBlock();
        block.Reset(sensor, 1);
        block.Times[0] = unixMs;
        block.Set(0, 0, raw);
        return block;
    }
}
