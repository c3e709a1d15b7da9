using IoTGateway.Live;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Live;

public sealed class LiveSubscriptionTests
{
    [Fact]
    public async Task One_who_keeps_up_gets_every_row_in_order()
    {
        using var subscription = new LiveSubscription(null, _ => { });
        for (byte round = 0; round < 5; round++)
        {
            subscription.Publish(Row("roof", "a", round));
            subscription.Publish(Row("roof", "a", (byte)(round + 100)));
            var rows = await subscription.TakeAsync(Patience.Token());
            Assert.Equal([round, (byte)(round + 100)], rows.Select(row => row.Json.Span[0]));
        }
        Assert.Equal(0, subscription.Skipped);
    }

    [Fact]
    public async Task One_who_does_not_gets_the_latest_row_of_each_sensor_and_the_rest_is_counted()
    {
        using var subscription = new LiveSubscription(null, _ => { });
        subscription.Publish(Row("cellar", "rare", 42));
        const int Published = 100_000;
        for (var i = 0; i < Published; i++)
            subscription.Publish(Row("roof", i % 2 == 0 ? "a" : "b", (byte)i));
        var rows = await subscription.TakeAsync(Patience.Token());
        Assert.InRange(rows.Count, 3, 1_024);
        Assert.Equal(unchecked((byte)(Published - 2)), rows.Last(row => row.Measurement == "a").Json.Span[0]);
        Assert.Equal(unchecked((byte)(Published - 1)), rows.Last(row => row.Measurement == "b").Json.Span[0]);
        Assert.Equal(42, Assert.Single(rows, row => row.Measurement == "rare").Json.Span[0]);
        Assert.Equal(Published + 1, rows.Count + subscription.Skipped);
    }

    [Fact]
    public async Task One_who_does_not_read_gets_the_latest_row_of_each_of_2000_devices_and_little_more()
    {
        const int Devices = 2_000;
        const int Rounds = 50;
        using var subscription = new LiveSubscription(null, _ => { });
        for (byte round = 0; round < Rounds; round++)
        for (var device = 0; device < Devices; device++)
            subscription.Publish(Row($"device{device}", "a", round));
        // The last round is not a whole one: whoever was heard of last must not cost the others their row.
        for (var device = 0; device < Devices / 2; device++)
            subscription.Publish(Row($"device{device}", "a", Rounds));
        var rows = await subscription.TakeAsync(Patience.Token());
        Assert.InRange(rows.Count, Devices, 2 * Devices);
        var latest = new Dictionary<string, byte>();
        foreach (var row in rows)
            latest[row.Device] = row.Json.Span[0];
        Assert.Equal(Devices, latest.Count);
        for (var device = 0; device < Devices; device++)
            Assert.Equal(device < Devices / 2 ? Rounds : Rounds - 1, latest[$"device{device}"]);
        Assert.Equal((Devices * Rounds) + (Devices / 2), rows.Count + subscription.Skipped);
    }

    [Fact]
    public async Task A_wait_ends_with_its_token_and_with_the_feed()
    {
        using var subscription = new LiveSubscription(null, _ => { });
        using var over = new CancellationTokenSource();
        var waiting = subscription.TakeAsync(over.Token);
        Assert.False(waiting.IsCompleted);
        await over.CancelAsync();
        Assert.Empty(await waiting);
        var second = subscription.TakeAsync(Patience.Token());
        subscription.Close();
        Assert.Empty(await second);
        Assert.True(subscription.IsClosed);
    }

    [Fact]
    public void Only_who_asks_for_logs_gets_them_and_only_of_the_device_asked_for()
    {
        using var rows = new LiveSubscription(null, _ => { });
        using var logs = new LiveSubscription("roof", _ => { }, logs: true);
        Assert.False(rows.WantsLogs("roof"));
        Assert.True(logs.WantsLogs("roof"));
        Assert.False(logs.WantsLogs("cellar"));
    }

    private static LiveRow Row(string device, string measurement, byte value) =>
        new(device, measurement, new[] { value });
}
