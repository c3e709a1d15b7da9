using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Http;

/// <summary>A proxy that breaks WebSockets, and a setting that chooses.</summary>
public sealed class FallbackTests : IAsyncLifetime
{
    private const string Fine = """{"handshake":{"status":101,"reason":"none","detail":""}}""";
    private TestGateway _gateway = null!; // set by InitializeAsync, before any test
    private TestRequests _requests = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _requests = new TestRequests(_gateway);
        _gateway.RefuseWith = 426;
        _gateway.DoctorAnswer = Fine;
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task After_three_handshakes_that_the_gateway_has_nothing_against_it_is_long_polling_and_the_log_says_so()
    {
        await using var device = Start();
        var first = await _requests.NextAsync();
        Assert.Equal(3, _gateway.HandshakesRefused);
        first.Answer();
        var request = await _requests.NextAsync();
        Assert.Equal(1u, request.Telemetry[0].Sequence);
        var logs = request.Messages.Select(DeviceMessageReader.Log).Where(l => l is not null).Select(l => l!.Message);
        Assert.Contains("something between here and the gateway breaks WebSockets: long polling from here on", logs);
        Assert.Contains("the WebSocket is tried again in", string.Join('\n', logs), StringComparison.Ordinal);
        request.Settle();
    }

    [Theory]
    [InlineData("""{"handshake":{"status":503,"reason":"full","detail":"no room"}}""")]
    [InlineData("""{"handshake":"unknown"}""")]
    public async Task Where_the_gateway_has_a_reason_the_device_goes_on_with_the_WebSocket(string doctor)
    {
        _gateway.DoctorAnswer = doctor;
        await using var device = Start();
        await Eventually.TrueAsync(() => _gateway.HandshakesRefused >= 12);
        _gateway.RefuseWith = null;
        await (await _gateway.AcceptAsync()).GreetAsync();
        Assert.DoesNotContain(device.Log, line => line.Contains("long polling", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_device_that_is_told_to_use_the_WebSocket_never_leaves_it()
    {
        await using var device = Start(o => o with { Transport = VirtualTransport.WebSocket });
        await Eventually.TrueAsync(() => _gateway.HandshakesRefused >= 12);
        _gateway.RefuseWith = null;
        await (await _gateway.AcceptAsync()).GreetAsync();
    }

    [Fact]
    public async Task The_WebSocket_is_tried_again_and_taken_with_epoch_sequence_and_commands_as_they_were()
    {
        await using var device = Start(o => o with { Tune = t => t.WebSocketAgainMs = 1500 });
        var command = GatewayBytes.Command(Guid.NewGuid(), 60_000, "led", """{"on":true}""");
        (await _requests.NextAsync()).Answer(command);
        var refused = _gateway.HandshakesRefused;
        var last = await PollUntilAsync(() => _gateway.HandshakesRefused > refused);
        _gateway.RefuseWith = null;
        var accepted = _gateway.AcceptAsync();
        last = Math.Max(last, await PollUntilAsync(() => accepted.IsCompleted));
        var link = await accepted;
        var hello = await link.GreetAsync(lastSequence: last);
        await link.SendAsync(command);
        var telemetry = await link.TelemetryAsync();
        await link.SendAsync(command);
        var result = DeviceMessageReader.CommandResult(await link.NextAsync(MessageType.CommandResult))!;

        Assert.Equal((1u, last + 1), (telemetry.Epoch, telemetry.Sequence));
        Assert.Equal(1u, hello.Epoch);
        Assert.Equal((1, """{"on":true}"""), (result.Outcome, result.Json));
        Assert.Equal(1, device.Device.Status.CommandsRun);
        Assert.Equal(0, device.Device.Status.RowsLost + device.Device.Status.RowsDropped);
        Assert.Contains("link: the WebSocket comes through again", device.Log);
    }

    [Fact]
    public async Task Long_polling_that_does_not_come_through_either_ends_the_detour()
    {
        _gateway.Requests = null;
        await using var device = Start();
        await Eventually.TrueAsync(() => _gateway.HandshakesRefused >= 4);
        _gateway.RefuseWith = null;
        await (await _gateway.AcceptAsync()).GreetAsync();
        Assert.Contains("link: long polling does not come through either: back to the WebSocket", device.Log);
    }

    [Fact]
    public async Task A_setting_changes_the_way_and_back_and_outlives_a_power_cut()
    {
        _gateway.RefuseWith = null;
        await using var device = Start();
        var link = await _gateway.AcceptAsync();
        await link.GreetAsync();
        await link.SendAsync(GatewayBytes.Desired(1, """{"transport":"polling","pollIntervalMs":1000}"""));
        (await _requests.NextAsync()).Answer();
        var request = await _requests.NextAsync();
        var report = DeviceMessageReader.Reported(request.First(MessageType.Reported)!)!;
        Assert.Contains("\"transport\":\"polling\",\"pollIntervalMs\":1000}", report.Json, StringComparison.Ordinal);
        request.Settle();

        device.Device.CutPower();
        device.Device.Start();
        var next = await _requests.NextAsync();
        while (next.Hello.Epoch == 1)
            next = await _requests.NextAsync();
        Assert.Equal(0, await AnswerUntilLinkAsync(next, GatewayBytes.Desired(2, """{"transport":"auto"}""")));
    }

    [Fact]
    public async Task A_wish_that_brings_no_link_is_given_up_and_said_to_be_wrong()
    {
        _gateway.RefuseWith = null;
        _gateway.Requests = null;
        await using var device = Start();
        var first = await _gateway.AcceptAsync();
        await first.GreetAsync();
        await first.SendAsync(GatewayBytes.Desired(1, """{"transport":"long-polling"}"""));
        var second = await _gateway.AcceptAsync();
        await second.GreetAsync();
        await second.SendAsync(GatewayBytes.Desired(1, """{"transport":"long-polling"}"""));
        Reported report;
        do report = DeviceMessageReader.Reported(await second.NextAsync(MessageType.Reported))!;
        while (!report.Json.Contains("errors", StringComparison.Ordinal));

        Assert.Contains("\"transport\":\"auto\"", report.Json, StringComparison.Ordinal);
        Assert.Contains("\"errors\":{\"transport\":\"it brought no link here", report.Json, StringComparison.Ordinal);
        Assert.True(device.Device.Status.LinksOpened == 2);
        // Nor is it in flash: the next boot begins with what has worked.
        device.Device.CutPower();
        device.Device.Start();
        Assert.Equal(2u, (await (await _gateway.AcceptAsync()).GreetAsync()).Epoch);
    }

    private DeviceUnderTest Start(Func<VirtualDeviceOptions, VirtualDeviceOptions>? change = null) =>
        DeviceUnderTest.Start(_gateway.LinkUri, change);

    /// <summary>Settles requests; the highest sequence of them.</summary>
    private async Task<uint> PollUntilAsync(Func<bool> condition)
    {
        var highest = 0u;
        await Eventually.TrueAsync(() =>
        {
            while (_requests.TryNext(out var request))
            {
                highest = request.Telemetry.Select(t => t.Sequence).Append(highest).Max();
                request.Settle();
            }

            return condition();
        });
        return highest;
    }

    /// <summary>Settles requests until the device opens a WebSocket; how many failed on the way.</summary>
    private async Task<long> AnswerUntilLinkAsync(TestRequest first, byte[] desired)
    {
        first.Answer(desired);
        var accepted = _gateway.AcceptAsync();
        await PollUntilAsync(() => accepted.IsCompleted);
        await (await accepted).GreetAsync();
        return _gateway.HandshakesRefused;
    }
}
