using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Http;

/// <summary>Answers that are held, commands that come in them, and what ends the waiting.</summary>
public sealed class HeldAnswerTests : IAsyncLifetime
{
    private TestGateway _gateway = null!; // set by InitializeAsync, before any test
    private TestRequests _requests = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _requests = new TestRequests(_gateway);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task Long_polling_holds_for_25_seconds_and_no_longer_than_until_the_next_message_is_sealed()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 1000, RowsPerMessage = 8 });
        (await _requests.NextAsync()).Answer();
        var first = await UntilHeldAsync();
        Assert.InRange(int.Parse(first.Query["?wait=".Length..]), 2, 7);
        first.Answer(GatewayBytes.Desired(1, """{"sampleIntervalMs":60000}"""));
        await using var idle = Start(o => o with { Token = "room-2.c2VjcmV0", SampleIntervalMs = 60_000 });
        TestRequest longest;
        do
        {
            longest = await _requests.NextAsync();
            if (longest.Query != "?wait=25")
                longest.Settle();
        } while (longest.Query != "?wait=25");
    }

    [Fact]
    public async Task Where_changes_are_to_be_sent_at_once_no_answer_is_held_longer_than_5_seconds()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 60_000 });
        (await _requests.NextAsync()).Answer();
        var held = await UntilHeldAsync();
        held.Answer(GatewayBytes.Desired(1, """{"sendOnChange":{"climate.temperature":0.5}}"""));
        var request = await _requests.NextAsync();
        Assert.NotNull(request.First(MessageType.Reported));
        Assert.Equal("?wait=5", request.Query);
    }

    [Fact]
    public async Task Polling_asks_at_its_interval_and_says_it()
    {
        await using var device = Start(o =>
            o with
            {
                Transport = VirtualTransport.Polling,
                PollInterval = TimeSpan.FromSeconds(1),
                SampleIntervalMs = 60_000,
            }
        );
        (await _requests.NextAsync()).Answer();
        (await _requests.NextAsync()).Settle();
        TestRequest empty;
        do
        {
            empty = await _requests.NextAsync();
            empty.Settle();
        } while (empty.Messages.Count > 1);
        var asked = TimeProvider.System.GetTimestamp();
        var next = await _requests.NextAsync();

        Assert.Equal("?wait=0&every=1", next.Query);
        Assert.InRange(TimeProvider.System.GetElapsedTime(asked).TotalMilliseconds, 800, 10_000);
        Assert.Equal(empty.ConnectionId, next.ConnectionId);
    }

    [Fact]
    public async Task A_command_in_an_answer_runs_once_and_its_result_is_in_the_next_request_without_waiting()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 60_000 });
        (await _requests.NextAsync()).Answer();
        var held = await UntilHeldAsync();
        var command = GatewayBytes.Command(Guid.NewGuid(), 60_000, "led", """{"on":true}""");
        held.Answer(command);
        var result = await _requests.NextAsync();
        Assert.Equal(1, DeviceMessageReader.CommandResult(result.First(MessageType.CommandResult)!)?.Outcome ?? 0);
        Assert.True(device.Device.LedIsOn);
        // Its result was lost: the gateway asks again, and is told the same.
        result.Answer(command);
        var repeated = await _requests.NextAsync();
        Assert.Equal(result.First(MessageType.CommandResult), repeated.First(MessageType.CommandResult));
        Assert.Equal((1, 1), (device.Device.Status.CommandsRun, device.Device.Status.CommandsRepeated));
    }

    [Fact]
    public async Task More_messages_in_an_answer_than_the_inbox_has_places_are_all_taken()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 60_000 });
        (await _requests.NextAsync()).Answer();
        var commands = Enumerable.Range(0, 31).Select(_ => GatewayBytes.Command(Guid.NewGuid(), 60_000, "led", "{}"));
        (await UntilHeldAsync()).Answer([.. commands]);
        var results = await _requests.NextAsync();
        Assert.Equal(31, results.Messages.Count(m => m[0] == MessageType.CommandResult));
        Assert.Null(device.Device.Status.Fault);
    }

    [Fact]
    public async Task An_orderly_stop_does_not_wait_for_a_held_answer_delivers_the_last_rows_and_says_BYE()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 200, RowsPerMessage = 500 });
        (await _requests.NextAsync()).Answer();
        var held = await UntilHeldAsync();
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 6);
        var stopped = device.Device.StopAsync(CancellationToken.None);
        var last = await _requests.NextWithTelemetryAsync();
        Assert.True(held.Gone.IsCancellationRequested);
        last.Settle();
        var farewell = await _requests.NextAsync();
        farewell.Answer();
        await stopped;

        Assert.Equal(new Bye(1, 0), DeviceMessageReader.Bye(farewell.Messages[^1]));
        Assert.Equal(device.Device.Status.RowsSampled, device.Device.Status.RowsAcknowledged);
        Assert.Equal(0, device.Device.Status.RowsLost);
    }

    [Fact]
    public async Task A_power_cut_ends_a_held_request()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 60_000 });
        (await _requests.NextAsync()).Answer();
        var held = await UntilHeldAsync();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registered = held.Gone.Register(() => gone.TrySetResult());
        device.Device.CutPower();
        await gone.Task.WaitAsync(TestLink.Patience);
    }

    private DeviceUnderTest Start(Func<VirtualDeviceOptions, VirtualDeviceOptions> change) =>
        DeviceUnderTest.Start(_gateway.LinkUri, o => change(o with { Transport = VirtualTransport.LongPolling }));

    /// <summary>The first request that brings HELLO alone and waits; what comes before is settled.</summary>
    private async Task<TestRequest> UntilHeldAsync()
    {
        while (true)
        {
            var request = await _requests.NextAsync();
            if (request.Messages.Count == 1 && request.Query != "?wait=0")
                return request;
            request.Settle();
        }
    }
}
