using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Commands;

public class RememberedCommandTests
{
    private const uint Minute = 60_000;

    [Fact]
    public async Task A_reboot_is_answered_done_once_and_only_answered_when_it_is_asked_for_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        var id = Guid.NewGuid();
        var answer = await RunAsync(first, id, "reboot", "{}");
        Assert.Equal(new CommandResult(id, 1, """{"rebooting":true}"""), answer);
        Assert.Equal(new Bye(2, 0), DeviceMessageReader.Bye(await first.NextAsync(MessageType.Bye)));
        await first.CloseAsync();
        var second = await gateway.AcceptAsync();
        var hello = await second.GreetAsync();
        Assert.Equal((2u, (byte)2), (hello.Epoch, hello.ResetReason));

        Assert.Equal(answer, await RunAsync(second, id, "reboot", "{}"));
        Assert.Equal(2u, device.Device.Status.Epoch);
        Assert.Equal((1L, 1L), (device.Device.Status.CommandsRun, device.Device.Status.CommandsRepeated));
        Assert.Equal(0, device.Device.Status.RowsLost);
    }

    [Fact]
    public async Task After_a_power_cut_a_repeated_id_is_answered_alike_and_an_expired_one_still_does_not_run()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        var (run, expired) = (Guid.NewGuid(), Guid.NewGuid());
        var ran = await RunAsync(first, run, "led", """{"on":true}""");
        var late = await RunAsync(first, expired, "led", """{"on":true}""", ttlMs: 0);
        device.Device.CutPower();
        device.Device.Start();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();

        Assert.Equal(ran, await RunAsync(second, run, "led", """{"on":true}"""));
        Assert.Equal(late, await RunAsync(second, expired, "led", """{"on":true}"""));
        Assert.False(device.Device.LedIsOn);
    }

    [Fact]
    public async Task A_command_that_the_power_cut_short_is_not_run_again()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await RunAsync(first, Guid.NewGuid(), "led", """{"on":false}""");
        var id = Guid.NewGuid();
        await RunAsync(first, id, "led", """{"on":true}""");
        device.Device.CutPower();
        // As the flash was between "about to run" and "has run": the second command's answer is not there.
        File.Delete(Path.Combine(device.Flash, "command1.done"));
        device.Device.Start();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();
        var answer = await RunAsync(second, id, "led", """{"on":true}""");

        Assert.Equal(2, answer.Outcome);
        Assert.False(device.Device.LedIsOn);
    }

    [Fact]
    public async Task Read_now_samples_and_sends_without_waiting_for_the_batch()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { SampleIntervalMs = 3_600_000, RowsPerMessage = 500 }
        );
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        var answer = await RunAsync(link, Guid.NewGuid(), "read-now", "");
        var telemetry = await link.TelemetryAsync();

        Assert.Equal("""{"rows":3}""", answer.Json);
        Assert.Equal(6, telemetry.Rows);
        Assert.True(telemetry.Blocks[0].TimesMs[1] > telemetry.Blocks[0].TimesMs[0]);
    }

    [Fact]
    public async Task Identify_blinks_and_leaves_the_led_as_it_was()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        await RunAsync(link, Guid.NewGuid(), "identify", """{"seconds":1}""");
        await Eventually.TrueAsync(() => device.Device.LedIsOn);
        await Eventually.TrueAsync(() => !device.Device.LedIsOn);
        await Eventually.TrueAsync(() => device.Device.LedIsOn);
        await Eventually.TrueAsync(() => !device.Device.LedIsOn);
    }

    private static async Task<CommandResult> RunAsync(
        TestLink link,
        Guid id,
        string name,
        string arguments,
        uint ttlMs = Minute
    )
    {
        await link.SendAsync(GatewayBytes.Command(id, ttlMs, name, arguments));
        return DeviceMessageReader.CommandResult(await link.NextAsync(MessageType.CommandResult))
            ?? throw new InvalidDataException("malformed COMMAND_RESULT");
    }
}
