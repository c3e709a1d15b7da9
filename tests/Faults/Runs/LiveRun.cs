using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Readers of the live feed that stop reading, over Server-Sent Events and over a WebSocket. The gateway's memory stays
/// where it was, devices and other readers notice nothing, and one who reads again gets to the newest row.
/// </summary>
internal static class LiveRun
{
    private const double MostGrowthMiB = 80;
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, int readers, TimeSpan stall)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < 2; i++)
            await fleet.AddLightAsync(
                $"light-{i}",
                new LightOptions { Interval = TimeSpan.FromMilliseconds(2), RowsPerMessage = 20 }
            );
        // What one reader can read, whatever the others do: he gets every row of it.
        var calm = await fleet.AddLightAsync("calm", new LightOptions { Interval = TimeSpan.FromMilliseconds(50) });
        fleet.Start();
        await NetworkRun.FlowsAsync(fleet);
        _ = fleet.TakeLatencies();
        await Await.PassAsync(Calm);
        var still = Waits.Of(fleet.TakeLatencies());
        using var small = new HttpMessageInvoker(SmallSockets.Handler());
        await using var quick = await EventReader.OpenAsync(gateway, small, $"?device={calm.Id}");
        var (read, newest) = (new List<long>(), -1L);
        var quickReading = quick.ReadUntilAsync(row =>
        {
            read.Add(NumberOf(row));
            Volatile.Write(ref newest, read[^1]);
            return quick.IsAsked;
        });
        var slow = new List<EventReader>();
        var sockets = new List<ClientWebSocket>();
        for (var i = 0; i < readers; i++)
        {
            slow.Add(await EventReader.OpenAsync(gateway, small));
            sockets.Add(await ConnectAsync(gateway, small));
        }
        _ = fleet.TakeLatencies();
        var before = gateway.Use();
        var rows = quick.Rows;
        await Await.PassAsync(stall);
        var during = Waits.Of(fleet.TakeLatencies());
        var skipped = 0.0;
        await Await.UntilAsync(
            "the feed skips rows for who does not read",
            Patience,
            async () => (skipped = await gateway.MetricAsync("iotgw_live_skipped_rows_total")) > 0
        );
        var after = gateway.Use();
        run.Say(
            $"{readers} SSE and {readers} WebSocket readers stalled {stall.TotalSeconds:F0} s: memory {before.MemoryMiB:F0} to {after.MemoryMiB:F0} MiB, {skipped} rows skipped; a reader of one device got {quick.Rows - rows}, and devices their receipts in {during}, {still} before"
        );
        Assert.True(after.MemoryMiB - before.MemoryMiB < MostGrowthMiB, "Memory grew with the readers' backlog.");
        Assert.True(during.IsLike(still), $"The devices' receipts went from {still} to {during}.");
        Assert.True(quick.Rows > rows, "Who reads got nothing while others did not read.");
        await NetworkRun.FlowsAsync(fleet);
        await fleet.DrainAsync(Patience);

        var last = fleet.Light.ToDictionary(device => device.Id, device => device.RowsAcknowledged - 1);
        await Task.WhenAll(
            slow.Select(reader =>
                {
                    var left = new Dictionary<string, long>(last);
                    return reader.ReadUntilAsync(row => Newest(row, left));
                })
                .Concat(sockets.Select(socket => ReadUntilNewestAsync(socket, last)))
        );
        run.Say("every reader that reads again gets the newest row of each device");
        await Await.UntilAsync(
            "who reads has read the newest row",
            Patience,
            () => Volatile.Read(ref newest) == last[calm.Id]
        );
        quick.IsAsked = true;
        foreach (var reader in slow)
            await reader.DisposeAsync();
        await quick.DisposeAsync();
        await quickReading;
        Assert.Equal(Enumerable.Range(0, read.Count).Select(row => read[0] + row), read);
        run.Say($"who reads while others stall got {read.Count} rows of {calm.Id}, each, and in their order");
        foreach (var socket in sockets)
            socket.Dispose();
        await fleet.CompareAsync();
        run.Conclude();
    }

    private static async Task<ClientWebSocket> ConnectAsync(GatewayProcess gateway, HttpMessageInvoker http)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"{gateway.Api.DefaultRequestHeaders.Authorization}");
        // Without it the runtime would read for us, to see pongs.
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        var live = new UriBuilder(gateway.PlainLink) { Path = "/api/live" }.Uri;
        await socket.ConnectAsync(live, http, CancellationToken.None);
        return socket;
    }

    private static async Task ReadUntilNewestAsync(ClientWebSocket socket, Dictionary<string, long> last)
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[4096];
        var left = new Dictionary<string, long>(last);
        while (left.Count > 0)
        {
            var message = await socket.ReceiveAsync(buffer, patience.Token);
            Assert.Equal(WebSocketMessageType.Text, message.MessageType);
            Newest(Encoding.UTF8.GetString(buffer, 0, message.Count), left);
        }
    }

    /// <summary>Strikes a device off the list when this is its newest row; true when none is left.</summary>
    private static bool Newest(string row, Dictionary<string, long> left)
    {
        using var json = JsonDocument.Parse(row);
        var number = NumberOf(json);
        var device = json.RootElement.GetProperty("device").GetString()!; // by the API's contract
        if (left.TryGetValue(device, out var newest) && newest == number)
            left.Remove(device);
        return left.Count == 0;
    }

    private static long NumberOf(string row)
    {
        using var json = JsonDocument.Parse(row);
        return NumberOf(json);
    }

    private static long NumberOf(JsonDocument row) =>
        (long)row.RootElement.GetProperty("fields").GetProperty(Counter.Field).GetDouble();

    /// <summary>A reader of Server-Sent Events.</summary>
    private sealed class EventReader : IAsyncDisposable
    {
        private readonly HttpResponseMessage _answer;
        private readonly StreamReader _lines;

        private EventReader(HttpResponseMessage answer, Stream stream) =>
            (_answer, _lines) = (answer, new StreamReader(stream));

        public long Rows { get; private set; }

        public bool IsAsked { get; set; }

        public static async Task<EventReader> OpenAsync(
            GatewayProcess gateway,
            HttpMessageInvoker http,
            string query = ""
        )
        {
            var address = new Uri($"{gateway.Api.BaseAddress}api/live{query}");
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Authorization = gateway.Api.DefaultRequestHeaders.Authorization;
            var answer = await http.SendAsync(request, CancellationToken.None);
            Assert.True(answer.IsSuccessStatusCode);
            return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
        }

        public async Task ReadUntilAsync(Func<string, bool> isEnough)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
            try
            {
                while (await _lines.ReadLineAsync(patience.Token) is { } line)
                {
                    if (!line.StartsWith("data: ", StringComparison.Ordinal))
                        continue;
                    Rows++;
                    if (isEnough(line[6..]))
                        return;
                }
            }
            catch (Exception e) when (IsAsked && e is IOException or ObjectDisposedException) { }
        }

        public ValueTask DisposeAsync()
        {
            _lines.Dispose();
            _answer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
