using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Commands;

public class SettingsTests
{
    [Fact]
    public async Task Settings_outlive_a_power_cut_with_their_version()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.NextAsync(MessageType.Reported);
        const string Wanted =
            """{"sampleIntervalMs":200,"batchIntervalMs":5000,"logLevel":"error","sendOnChange":{"climate.temperature":0.5},"transport":"auto","pollIntervalMs":5000}""";
        await first.SendAsync(GatewayBytes.Desired(9, Wanted));
        Assert.Equal(new Reported(9, Wanted), await ReportAsync(first));
        device.Device.CutPower();
        device.Device.Start();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        Assert.Equal(new Reported(9, Wanted), await ReportAsync(second));
    }

    [Theory]
    [InlineData("""{"batchIntervalMs":1}""", "batchIntervalMs")]
    [InlineData("""{"logLevel":"loud"}""", "logLevel")]
    [InlineData("""{"sendOnChange":{"climate.colour":1}}""", "sendOnChange")]
    [InlineData("""{"sendOnChange":{"climate.temperature":0}}""", "sendOnChange")]
    [InlineData("""{"sendOnChange":{"climate.temperature":"a"}}""", "sendOnChange")]
    [InlineData("""{"sendOnChange":1}""", "sendOnChange")]
    [InlineData("""{"transport":"pigeon"}""", "transport")]
    [InlineData("""{"transport":2}""", "transport")]
    [InlineData("""{"pollIntervalMs":999}""", "pollIntervalMs")]
    [InlineData("""{"colour":1}""", "unknown")]
    [InlineData("""[]""", "settings")]
    public async Task A_wrong_setting_is_named_and_the_others_hold(string json, string named)
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        var before = await ReportAsync(link);
        await link.SendAsync(GatewayBytes.Desired(3, json));
        var after = await ReportAsync(link);

        Assert.Equal(3u, after.Version);
        Assert.StartsWith(
            before.Json[..^1] + $$""","errors":{"{{named}}":"i""",
            Normal(after.Json),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_watched_change_is_sent_at_once()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { RowsPerMessage = 1000 });
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await link.SendAsync(GatewayBytes.Desired(1, """{"sendOnChange":{"climate.temperature":0.02}}"""));
        var telemetry = await link.TelemetryAsync();

        // A thousand rows would be one message; some row of these went 0.02 °C away from the first one watched.
        var temperatures = telemetry.Blocks[0].Values[0];
        Assert.Contains(temperatures, t => Math.Abs(temperatures[^1]!.Value - t!.Value) >= 2);
        Assert.InRange(telemetry.Blocks[0].TimesMs.Length, 2, 999);
    }

    [Fact]
    public async Task A_desired_batch_interval_seals_what_is_that_old()
    {
        await using var gateway = await TestGateway.StartAsync();
        // Neither a thousand rows nor the minute of a batch come about in this test.
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { RowsPerMessage = 1000 });
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await link.SendAsync(GatewayBytes.Desired(1, """{"batchIntervalMs":500}"""));
        await link.AckAsync(await link.TelemetryAsync());
        var batch = (await link.TelemetryAsync()).Blocks[0].TimesMs;

        // Its last row is of the moment it was sealed, or of one sample before.
        Assert.InRange(batch.Length, 2, 999);
        Assert.True(batch[^1] - batch[0] >= 350, $"sealed after {batch[^1] - batch[0]} ms");
    }

    // Every reason begins with what the setting is; "they" and "this" are the two that speak of all.
    private static string Normal(string json) =>
        json.Replace("\"they", "\"i", StringComparison.Ordinal)
            .Replace("\"this", "\"i", StringComparison.Ordinal)
            .Replace("\"climate.temperature takes", "\"i", StringComparison.Ordinal);

    private static async Task<Reported> ReportAsync(TestLink link) =>
        DeviceMessageReader.Reported(await link.NextAsync(MessageType.Reported))
        ?? throw new InvalidDataException("malformed REPORTED");
}
