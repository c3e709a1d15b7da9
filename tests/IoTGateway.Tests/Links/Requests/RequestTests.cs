using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 1 to 3: what a request brings, and what its answer settles.</summary>
public sealed class RequestTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_device_is_asked_for_its_catalog_and_then_its_rows_are_stored(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"), tls: tls);
        var first = await device.AskAsync("");
        Assert.Equal([MessageType.Welcome], first.Types);
        Assert.True(first.Welcome.SendCatalog);
        Assert.Equal(0u, first.Welcome.LastSequence);
        Assert.Equal("application/vnd.iotgw.v1", first.Type);
        Assert.Equal(first.Bytes.Length, first.Length);
        // Nothing that a small board would have to read past.
        Assert.Equal(["Date"], first.Headers);

        var second = await device.TellAsync(
            "",
            House.Telemetry(1, 1, House.Noon, 21.5),
            House.Telemetry(1, 2, House.Noon + 1000, 22)
        );
        Assert.Equal([MessageType.Welcome, MessageType.Ack], second.Types);
        Assert.Equal(new Ack(1, 2), second.Ack);
        Assert.False(second.Welcome.SendCatalog);
        Assert.Equal(2u, second.Welcome.LastSequence);
        Assert.Equal(
            [21.5, 22],
            (await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2)).Select(point => point[1])
        );

        // The catalog is known now: its hash in HELLO is enough.
        var third = await device.AskAsync("", House.Telemetry(1, 3, House.Noon + 2000, 23));
        Assert.Equal(new Ack(1, 3), third.Ack);
        Assert.Equal(3, await gateway.MetricAsync("iotgw_requests_total"));
        Assert.Equal(3, await gateway.MetricAsync("iotgw_rows_total"));
    }

    [Fact]
    public async Task What_comes_again_after_a_lost_answer_is_acknowledged_again_and_stored_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var message = House.Telemetry(1, 1, House.Noon, 20);
        for (var time = 0; time < 3; time++)
            Assert.Equal(new Ack(1, 1), (await device.TellAsync("", message)).Ack);
        var both = await device.AskAsync("", message, House.Telemetry(1, 2, House.Noon + 1000, 21));
        Assert.Equal(new Ack(1, 2), both.Ack);
        Assert.Equal(3, await gateway.MetricAsync("iotgw_journal_duplicates_total"));
        Assert.Equal(
            [20.0, 21.0],
            (await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2)).Select(point => point[1])
        );
    }

    [Fact]
    public async Task A_restarted_device_goes_on_with_what_it_still_holds_of_the_boot_before()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("", House.Telemetry(1, 1, House.Noon, 20));
        device.Epoch = 2;
        var hello = await device.AskAsync("");
        Assert.Equal(0u, hello.Welcome.LastSequence);
        var answer = await device.AskAsync(
            "",
            House.Telemetry(1, 1, House.Noon, 20),
            House.Telemetry(1, 2, House.Noon + 1000, 21),
            House.Telemetry(2, 1, House.Noon + 2000, 22)
        );
        Assert.Equal([MessageType.Welcome, MessageType.Ack, MessageType.Ack], answer.Types);
        Assert.Equal(1u, answer.Welcome.LastSequence);
        Assert.Equal(
            [20.0, 21.0, 22.0],
            (await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 3)).Select(point => point[1])
        );
    }

    [Fact]
    public async Task A_restarted_gateway_needs_nothing_set_up_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        using (var before = new PollingDevice(gateway, token))
            await before.TellAsync("", House.Telemetry(1, 1, House.Noon, 20));
        await gateway.RestartAsync();
        using var after = new PollingDevice(gateway, token);
        var answer = await after.AskAsync(
            "",
            House.Telemetry(1, 1, House.Noon, 20),
            House.Telemetry(1, 2, House.Noon + 1000, 21)
        );
        Assert.Equal(new Ack(1, 2), answer.Ack);
        Assert.Equal(2u, answer.Welcome.LastSequence);
    }

    [Fact]
    public async Task An_answer_of_200_says_that_GAP_and_LOG_are_on_disk()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var journal = gateway.Get<TelemetryJournal>();
        var before = journal.DurableEnd.Value;
        var log = new DeviceLog(3, ClockKind.Unix, (ulong)House.Noon, "wifi", "signal lost");
        var answer = await device.TellAsync(
            "",
            House.Bytes(new Gap(1, ClockKind.Unix, 1, 2, 3).Write),
            House.Bytes(log.Write)
        );
        Assert.Equal([MessageType.Welcome], answer.Types);
        Assert.True(journal.DurableEnd.Value > before);
        Assert.Equal(3, await gateway.MetricAsync("iotgw_gap_rows_total"));
    }

    [Fact]
    public async Task TELEMETRY_that_can_never_be_stored_is_refused_in_the_answer_and_the_rest_is_taken()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var answer = await device.TellAsync(
            "?wait=30",
            House.Telemetry(1, 1, House.Noon, 20),
            House.Telemetry(1, 2, ProtocolLimits.LatestUnixMs, 20, 21),
            House.Telemetry(1, 3, House.Noon + 1000, 22)
        );
        Assert.Equal([MessageType.Welcome, MessageType.Ack, MessageType.Refused], answer.Types);
        Assert.Equal(new Ack(1, 3), answer.Ack);
        Assert.True(Refused.TryRead(answer.Messages[2], out var refused, out _));
        Assert.Equal((2u, RefusedReason.TimeOutOfRange), (refused.Sequence, refused.Reason));
        Assert.Equal(2, await gateway.MetricAsync("iotgw_rows_total"));
    }

    [Fact]
    public async Task A_clock_that_counts_from_the_boot_is_put_on_the_wall_clock_once_for_all_requests()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var catalog = House.Bytes(House.Catalog.Write);
        for (uint sequence = 1; sequence <= 2; sequence++)
        {
            var hello = House.Hello(1) with { Clock = ClockKind.SinceBoot, NowMs = 60_000 };
            var row = House.Telemetry(new TelemetryHeader(1, sequence, ClockKind.SinceBoot, sequence * 1000, 1), 20);
            var answer = await device.PostAsync("", PollingDevice.Body(House.Bytes(hello.Write), catalog, row));
            Assert.Equal(new Ack(1, sequence), answer.Ack);
        }
        var points = await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2);
        Assert.Equal(1000, points[1][0] - points[0][0]);
    }

    [Fact]
    public async Task Devices_that_ask_at_once_get_each_their_own_answer()
    {
        await using var gateway = await TestGateway.StartAsync();
        var tokens = new List<string>();
        for (var i = 0; i < 10; i++)
            tokens.Add(await gateway.AddDeviceAsync($"device-{i}"));
        await Task.WhenAll(tokens.Select(PollAsync));
        Assert.Equal(100, await gateway.MetricAsync("iotgw_rows_total"));
        Assert.Equal(10, await gateway.MetricAsync("iotgw_links"));

        async Task PollAsync(string token)
        {
            using var device = new PollingDevice(gateway, token);
            for (uint sequence = 1; sequence <= 10; sequence++)
            {
                var answer = await device.TellAsync(
                    "",
                    House.Telemetry(1, sequence, House.Noon + (sequence * 1000), sequence)
                );
                Assert.Equal(new Ack(1, sequence), answer.Ack);
            }
        }
    }
}
