using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using IoTGateway.Live;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Live;

/// <summary>/api/live: Server-Sent Events and WebSocket.</summary>
public sealed class LiveApiTests
{
    [Fact]
    public async Task Events_tell_the_rows_of_the_device_asked_for_and_end_when_the_gateway_stops()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await using var cellar = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("cellar"));
        await using var stream = await gateway.Client.GetStreamAsync("/api/live?device=roof");
        using var events = new StreamReader(stream);
        Assert.StartsWith(":", await events.ReadLineAsync(Patience.Token()), StringComparison.Ordinal);
        Assert.Equal(1, await gateway.MetricAsync("iotgw_live_watchers"));
        await cellar.SendAsync(House.Telemetry(1, 1, House.Noon, 5));
        await cellar.AcknowledgedAsync(1, 1);
        await roof.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5, 21));
        foreach (var (index, temperature) in new[] { 20.5, 21 }.Index())
        {
            var row = await NextAsync(events);
            Assert.Equal("roof", row.GetProperty("device").GetString());
            Assert.Equal("climate", row.GetProperty("measurement").GetString());
            Assert.Equal(House.Noon + (index * 1000), row.GetProperty("time").GetInt64());
            Assert.Equal(temperature, row.GetProperty("fields").GetProperty("temperature").GetDouble());
            Assert.Equal(index == 1, row.GetProperty("fields").GetProperty("door").GetBoolean());
        }
        await roof.CloseAsync();
        await cellar.CloseAsync();
        var stopping = gateway.StopAsync();
        while (await events.ReadLineAsync(Patience.Token()) is { } line)
            Assert.DoesNotContain("cellar", line);
        await stopping;
    }

    [Fact]
    public async Task Whoever_begins_to_watch_is_shown_what_comes_from_then_on()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        for (var sequence = 1u; sequence < 9; sequence += 2)
        {
            await SendAsync(sequence);
            using var watching = gateway.Get<LiveFeed>().Subscribe("roof", logs: false);
            await SendAsync(sequence + 1);
            var row = Assert.Single(await watching.TakeAsync(Patience.Token()));
            Assert.Contains($"\"temperature\":{sequence + 1},", Encoding.UTF8.GetString(row.Json.Span));
        }

        async Task SendAsync(uint sequence)
        {
            await roof.SendAsync(House.Telemetry(1, sequence, House.Noon + sequence, sequence));
            await roof.AcknowledgedAsync(1, sequence);
        }
    }

    [Fact]
    public async Task A_WebSocket_tells_the_rows_of_all_devices_and_is_closed_when_the_gateway_stops()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var socket = await WatchAsync(gateway);
        foreach (var id in new[] { "roof", "cellar" })
        {
            await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync(id));
            await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
            var buffer = new byte[1024];
            var message = await socket.ReceiveAsync(buffer.AsMemory(), Patience.Token());
            Assert.Equal((WebSocketMessageType.Text, true), (message.MessageType, message.EndOfMessage));
            var row = JsonElement.Parse(Encoding.UTF8.GetString(buffer, 0, message.Count));
            Assert.Equal(id, row.GetProperty("device").GetString());
        }
        var stopping = gateway.StopAsync();
        var end = await socket.ReceiveAsync(Memory<byte>.Empty, Patience.Token());
        Assert.Equal(WebSocketMessageType.Close, end.MessageType);
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Patience.Token());
        await stopping;
    }

    [Fact]
    public async Task A_watcher_that_leaves_is_forgotten()
    {
        await using var gateway = await TestGateway.StartAsync();
        using (var socket = await WatchAsync(gateway))
        {
            await Patience.UntilAsync(async () => await WatchersAsync(gateway) == 1, "the watcher");
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Patience.Token());
        }
        await Patience.UntilAsync(async () => await WatchersAsync(gateway) == 0, "the watcher's end");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_whose_key_is_removed_or_rotated_sees_no_more(bool isRotated)
    {
        await using var gateway = await TestGateway.StartAsync();
        var keys = gateway.Get<ApiKeys>();
        var key = keys.Add("wall", Role.Viewer)!; // the name is free
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/live");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var answer = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        if (isRotated)
            keys.Rotate("wall");
        else
            keys.Remove("wall");
        // Ends: a stream that goes on has no end to read to.
        await answer.Content.ReadAsStringAsync(Patience.Token());
        await Patience.UntilAsync(async () => await WatchersAsync(gateway) == 0, "the watcher's end");
    }

    private static Task<double> WatchersAsync(TestGateway gateway) => gateway.MetricAsync("iotgw_live_watchers");

    private static async Task<ClientWebSocket> WatchAsync(TestGateway gateway)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {gateway.AdminKey}");
        var url = new UriBuilder(gateway.Http) { Scheme = "ws", Path = "/api/live" };
        await socket.ConnectAsync(url.Uri, Patience.Token());
        await Patience.UntilAsync(async () => await WatchersAsync(gateway) == 1, "the watcher");
        return socket;
    }

    private static async Task<JsonElement> NextAsync(StreamReader events)
    {
        while (true)
        {
            var line = await events.ReadLineAsync(Patience.Token());
            Assert.NotNull(line);
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return JsonElement.Parse(line["data: ".Length..]);
        }
    }
}
