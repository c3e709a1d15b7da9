using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 4: requests that are held, and what ends them.</summary>
public sealed class HoldingTests
{
    [Fact]
    public async Task A_held_request_with_nothing_to_say_is_answered_when_its_time_is_over()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var began = TimeProvider.System.GetTimestamp();
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var answer = await device.AskAsync("?wait=1");
        Assert.Equal([MessageType.Welcome], answer.Types);
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0.9, 15);
        // The time is that of the answer and not of the request.
        Assert.True((long)answer.Welcome.NowMs >= before + 900);
    }

    [Fact]
    public async Task A_second_held_request_ends_the_first_and_one_without_wait_does_not()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var first = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        Assert.Equal(new Ack(1, 1), (await device.AskAsync("", House.Telemetry(1, 1, House.Noon, 20))).Ack);
        Assert.False(first.IsCompleted);
        var second = device.AskAsync("?wait=30");
        Assert.Equal([MessageType.Welcome], (await first).Types);
        await CommandCalls.PostAsync(gateway, "roof", """{"name":"light","ttlSeconds":20}""");
        Assert.Single((await second).Commands);
    }

    [Fact]
    public async Task Beyond_the_limit_of_held_requests_a_device_is_told_when_to_come_back()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:HeldRequests=0");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var answer = await device.AskAsync("?wait=30");
        Assert.Equal([MessageType.Welcome, MessageType.RetryAfter], answer.Types);
        Assert.True(RetryAfter.TryRead(answer.Messages[1], out var retry, out _));
        Assert.InRange(retry.Milliseconds, 1_000u, 10_000u);
        Assert.Equal(1, await gateway.MetricAsync("iotgw_requests_not_held_total"));
    }

    [Fact]
    public async Task A_stop_answers_held_requests_with_RETRY_AFTER()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        var held = device.AskAsync("?wait=30");
        await PollingDevice.HeldAsync(gateway);
        var began = TimeProvider.System.GetTimestamp();
        await gateway.StopAsync();
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 15);
        Assert.Equal([MessageType.Welcome, MessageType.RetryAfter], (await held).Types);
    }
}
