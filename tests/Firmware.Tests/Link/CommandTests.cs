using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Link;

public sealed class CommandTests : IAsyncLifetime
{
    private const uint Minute = 60_000;
    private TestGateway _gateway = null!; // set by InitializeAsync, before any test
    private DeviceUnderTest _device = null!;
    private TestLink _link = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _device = DeviceUnderTest.Start(_gateway.LinkUri);
        _link = await _gateway.AcceptAsync();
        await _link.GreetAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _device.DisposeAsync();
        await _gateway.DisposeAsync();
    }

    [Fact]
    public async Task The_led_is_switched_and_answers_what_it_is()
    {
        var result = await RunAsync(Guid.NewGuid(), "led", """{"on": true}""");

        Assert.Equal(1, result.Outcome);
        Assert.Equal("""{"on":true}""", result.Json);
        Assert.True(_device.Device.LedIsOn);
        Assert.Equal("""led {"on": true}""", _device.Device.Status.LastCommand);
    }

    [Theory]
    [InlineData("led", """{"on":1}""")]
    [InlineData("led", """{"on":true,"blink":2}""")]
    [InlineData("led", "on")]
    [InlineData("interval", """{"ms":99}""")]
    [InlineData("interval", """{"ms":3600001}""")]
    [InlineData("interval", """{"ms":1.5}""")]
    [InlineData("format", "{}")]
    [InlineData("identify", """{"seconds":0}""")]
    [InlineData("identify", """{"seconds":61}""")]
    [InlineData("log-level", """{"level":"loud"}""")]
    [InlineData("read-now", """{"sensor":1}""")]
    [InlineData("reboot", """{"now":true}""")]
    public async Task What_cannot_be_done_is_refused_with_what_can(string name, string arguments)
    {
        var result = await RunAsync(Guid.NewGuid(), name, arguments);

        Assert.Equal(3, result.Outcome);
        Assert.StartsWith("{\"error\":\"", result.Json, StringComparison.Ordinal);
        Assert.Equal(1, _device.Device.Status.CommandsRefused);
    }

    [Fact]
    public async Task A_repeated_id_is_answered_alike_and_not_run_again()
    {
        var id = Guid.NewGuid();
        var first = await RunAsync(id, "led", """{"on":true}""");
        var repeated = await RunAsync(id, "led", """{"on":false}""");

        Assert.Equal(first, repeated);
        Assert.True(_device.Device.LedIsOn);
        Assert.Equal(1, _device.Device.Status.CommandsRun);
        Assert.Equal(1, _device.Device.Status.CommandsRepeated);
    }

    [Fact]
    public async Task The_last_32_ids_are_remembered_and_no_more()
    {
        var first = Guid.NewGuid();
        await RunAsync(first, "led", """{"on":true}""");
        for (var i = 0; i < 31; i++)
            await RunAsync(Guid.NewGuid(), "led", """{"on":true}""");
        await RunAsync(first, "led", """{"on":false}""");
        Assert.True(_device.Device.LedIsOn);
        await RunAsync(Guid.NewGuid(), "led", """{"on":true}""");
        await RunAsync(first, "led", """{"on":false}""");

        Assert.False(_device.Device.LedIsOn);
    }

    [Fact]
    public async Task A_command_whose_time_has_passed_is_not_run()
    {
        var result = await RunAsync(Guid.NewGuid(), "led", """{"on":true}""", ttlMs: 0);

        Assert.Equal(4, result.Outcome);
        Assert.False(_device.Device.LedIsOn);
        Assert.Equal(1, _device.Device.Status.CommandsExpired);
    }

    [Fact]
    public async Task The_interval_is_applied_answered_and_reported()
    {
        Assert.Equal("""{"ms":250}""", (await RunAsync(Guid.NewGuid(), "interval", """{"ms":250}""")).Json);
        var reported = DeviceMessageReader.Reported(await _link.NextAsync(MessageType.Reported));
        Assert.Equal(new Reported(0, Report(250)), reported);
        Telemetry telemetry;
        do
        {
            telemetry = await _link.TelemetryAsync();
            await _link.AckAsync(telemetry);
        } while (telemetry.Blocks[0].TimesMs[1] - telemetry.Blocks[0].TimesMs[0] < 230);
    }

    [Fact]
    public async Task From_the_log_level_on_that_was_commanded_nothing_below_it_is_sent()
    {
        await RunAsync(Guid.NewGuid(), "led", """{"on":true}""");
        var told = DeviceMessageReader.Log(await _link.NextAsync(MessageType.Log));
        Assert.Equal((2, "command", "led: outcome 1"), (told?.Level ?? 0, told?.Category, told?.Message));
        var result = await RunAsync(Guid.NewGuid(), "log-level", """{"level":"error"}""");
        Assert.Equal((1, """{"level":"error"}"""), (result.Outcome, result.Json));
        var reported = DeviceMessageReader.Reported(await _link.NextAsync(MessageType.Reported));
        Assert.Contains("\"logLevel\":\"error\"", reported?.Json, StringComparison.Ordinal);
        await RunAsync(Guid.NewGuid(), "led", """{"on":false}""");
        await _link.SendAsync(GatewayBytes.Command(Guid.NewGuid(), Minute, "led", """{"on":true}"""));
        byte[] message;
        do
        {
            message = await _link.NextAsync();
            Assert.NotEqual(MessageType.Log, message[0]);
        } while (message[0] != MessageType.CommandResult);
    }

    [Fact]
    public async Task Desired_settings_are_applied_and_reported_with_their_version()
    {
        await _link.NextAsync(MessageType.Reported);
        await _link.SendAsync(GatewayBytes.Desired(7, """{"sampleIntervalMs":500}"""));
        var applied = DeviceMessageReader.Reported(await _link.NextAsync(MessageType.Reported));
        await _link.SendAsync(GatewayBytes.Desired(8, """{"sampleIntervalMs":5}"""));
        var refused = DeviceMessageReader.Reported(await _link.NextAsync(MessageType.Reported));

        Assert.Equal(new Reported(7, Report(500)), applied);
        Assert.Equal(8u, refused?.Version);
        Assert.Equal(Report(500, "\"sampleIntervalMs\":\"it is a whole number from 100 to 3600000\""), refused?.Json);
    }

    private static string Report(int interval, string? errors = null) =>
        $$"""{"sampleIntervalMs":{{interval}},"batchIntervalMs":60000,"logLevel":"information","sendOnChange":{},"transport":"auto","pollIntervalMs":30000"""
        + (errors is null ? "}" : $",\"errors\":{{{errors}}}}}");

    private async Task<CommandResult> RunAsync(Guid id, string name, string arguments, uint ttlMs = Minute)
    {
        await _link.SendAsync(GatewayBytes.Command(id, ttlMs, name, arguments));
        var result = DeviceMessageReader.CommandResult(await _link.NextAsync(MessageType.CommandResult));
        Assert.Equal(id, result?.Id);
        return result!; // its id was just compared
    }
}
