using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>What ends a link with 4400, and what is refused without ending it.</summary>
public sealed class MalformedTests
{
    public static TheoryData<string> NotMessages() =>
        [
            "empty",
            "unknown",
            "gateway's",
            "second HELLO",
            "cut HELLO",
            "cut CATALOG",
            "cut RESULT",
            "cut GAP",
            "cut TELEMETRY",
        ];

    [Theory]
    [MemberData(nameof(NotMessages))]
    public async Task Bytes_that_are_no_message_of_a_device_are_4400(string what)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(
            what switch
            {
                "empty" => [],
                "unknown" => [0x7F, 1, 2, 3],
                "gateway's" => House.Bytes(new Ack(1, 1).Write),
                "second HELLO" => House.Bytes(House.Hello(1).Write),
                "cut CATALOG" => House.Bytes(House.Catalog.Write)[..^1],
                "cut RESULT" => House.Bytes(new CommandResult(Guid.NewGuid(), CommandOutcome.Failed, "").Write)[..^1],
                "cut GAP" => House.Bytes(new Gap(1, ClockKind.Unix, 1, 2, 3).Write)[..^1],
                "cut TELEMETRY" => House.Telemetry(1, 1, House.Noon, 20)[..7],
                _ => House.Bytes(House.Hello(1).Write)[..^1],
            }
        );
        Assert.Equal(4400, await device.ClosedAsync());
        await device.CloseAsync();
        await Patience.UntilAsync(async () => await gateway.EndedAsync("malformed") == 1, "the link's end");
    }

    [Fact]
    public async Task Anything_but_HELLO_first_is_4400()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Catalog.Write);
        Assert.Equal(4400, await device.ClosedAsync());
    }

    [Fact]
    public async Task TELEMETRY_before_the_catalog_that_was_asked_for_is_4400_and_not_refused()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.ConnectAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.HelloAsync(House.Hello(1));
        Assert.True(device.Welcome.SendCatalog);
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        Assert.Equal(4400, await device.ClosedAsync());
        Assert.Equal(0, await gateway.MetricAsync("iotgw_rows_total"));
    }

    [Theory]
    [InlineData(RefusedReason.Malformed, "malformed")]
    [InlineData(RefusedReason.UnknownSensor, "unknown_sensor")]
    [InlineData(RefusedReason.TimeOutOfRange, "time_out_of_range")]
    [InlineData(RefusedReason.TooLarge, "too_large")]
    public async Task TELEMETRY_that_can_never_be_stored_is_refused_counted_and_does_not_end_the_link(
        RefusedReason reason,
        string label
    )
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(
            reason switch
            {
                RefusedReason.UnknownSensor => Poisoned(writer => writer.U8(9)),
                RefusedReason.TimeOutOfRange => House.Telemetry(1, 1, ProtocolLimits.LatestUnixMs, 20, 21),
                RefusedReason.TooLarge => Poisoned(writer =>
                {
                    writer.U8(1);
                    writer.Varint(ProtocolLimits.RowsPerBlock + 1);
                }),
                _ => House.Telemetry(1, 1, House.Noon, 20)[..^1],
            }
        );
        Assert.True(Refused.TryRead(await device.ReceiveAsync(), out var refused, out _));
        Assert.Equal(new Refused(1, 1, reason), refused);
        await device.SendAsync(House.Telemetry(1, 2, House.Noon, 20));
        await device.AcknowledgedAsync(1, 2);
        Assert.Equal(1, await gateway.MetricAsync($$"""iotgw_telemetry_refused_total{reason="{{label}}"}"""));
        var counters = (await Presence.DeviceAsync(gateway, "roof")).GetProperty("counters");
        Assert.Equal(1, counters.GetProperty("refused").GetInt32());
        Assert.Equal(1, counters.GetProperty("messages").GetInt32());
    }

    [Fact]
    public async Task Unknown_types_are_one_line_of_the_metrics()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        foreach (byte type in new byte[] { 0x50, 0x51 })
        {
            await using var device = await LinkClient.ConnectAsync(gateway, token);
            await device.SendAsync(new[] { type });
            Assert.Equal(4400, await device.ClosedAsync());
        }
        var lines = (await gateway.Client.GetStringAsync("/metrics")).Split('\n').Where(line => !line.StartsWith('#'));
        var series = lines.Where(line => line.Length > 0).Select(line => line[..line.LastIndexOf(' ')]).ToArray();
        Assert.Equal(series.Distinct().Order(), series.Order());
    }

    private static byte[] Poisoned(Action<WireWriter> block)
    {
        var writer = new WireWriter();
        new TelemetryHeader(1, 1, ClockKind.Unix, House.Noon, 1).Write(writer);
        block(writer);
        return writer.ToArray();
    }
}
