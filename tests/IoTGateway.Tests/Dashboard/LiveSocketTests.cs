using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Dashboard;

/// <summary>
/// The WebSocket of the pages: who gets one, and what a page costs that does not read, which is weighed by the memory of the
/// whole process: nobody else's shall be in it.
/// </summary>
[Collection("alone")]
public sealed class LiveSocketTests
{
    [Fact]
    public async Task Only_a_signed_in_page_of_this_gateway_gets_a_live_view()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var own = gateway.Http.GetLeftPart(UriPartial.Authority);
        Assert.Contains(
            "403",
            (await RefusedAsync(gateway, browser.CookieHeader, "https://evil.example")).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "403",
            (await RefusedAsync(gateway, browser.CookieHeader, null)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("401", (await RefusedAsync(gateway, "", own)).Message, StringComparison.Ordinal);
        using var socket = await OpenAsync(gateway, browser.CookieHeader, own);
        Assert.Contains("fleet-count", await ReceiveAsync(socket), StringComparison.Ordinal);
    }

    [Fact]
    public async Task As_many_pages_are_open_as_the_limit_says()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:DashboardPages=1");
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var own = gateway.Http.GetLeftPart(UriPartial.Authority);
        using (var first = await OpenAsync(gateway, browser.CookieHeader, own))
            Assert.Contains(
                "503",
                (await RefusedAsync(gateway, browser.CookieHeader, own)).Message,
                StringComparison.Ordinal
            );
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_dashboard_pages") == 0,
            "the first page's end"
        );
        using var second = await OpenAsync(gateway, browser.CookieHeader, own);
    }

    [Fact]
    public async Task An_open_page_ends_with_its_session()
    {
        await using var gateway = await TestGateway.StartAsync();
        var key = gateway.Get<ApiKeys>().Add("looker", Role.Viewer)!; // the name is free
        using var browser = await Browser.SignedInAsync(gateway, key);
        using var socket = await OpenAsync(
            gateway,
            browser.CookieHeader,
            gateway.Http.GetLeftPart(UriPartial.Authority)
        );
        gateway.Get<ApiKeys>().Remove("looker");
        while (socket.State == WebSocketState.Open)
            await ReceiveAsync(socket);
        Assert.Equal(4401, (int)socket.CloseStatus!); // it has been closed
    }

    [Fact]
    public async Task Of_five_thousand_devices_a_page_gets_those_in_sight()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Get<ControlDatabase>().AddDevices(5_000);
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (_, page) = await browser.GetAsync("/");
        Assert.InRange(page.Length, 1_000, 100_000);
        using var socket = await OpenAsync(
            gateway,
            browser.CookieHeader,
            gateway.Http.GetLeftPart(UriPartial.Authority)
        );
        await SayAsync(socket, 4_000, 24);
        string frame;
        do frame = await ReceiveAsync(socket);
        while (!frame.Contains("device-4023", StringComparison.Ordinal));
        var list = JsonElement.Parse(frame).GetProperty("list");
        Assert.Equal(
            (4_000, 5_000, 24),
            (
                list.GetProperty("first").GetInt32(),
                list.GetProperty("total").GetInt32(),
                list.GetProperty("ids").GetArrayLength()
            )
        );
        Assert.InRange(frame.Length, 1_000, 50_000);
    }

    [Fact]
    public async Task A_page_gets_two_frames_a_second_however_fast_rows_come()
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Get<ControlDatabase>().AddDevices(5_000);
        var token = await gateway.AddDeviceAsync("a-first");
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        await using var device = await LinkClient.OpenAsync(gateway, token);
        using var ending = new CancellationTokenSource();
        var streaming = StreamAsync(device, ending.Token);
        var begun = TimeProvider.System.GetTimestamp();
        using var socket = await OpenAsync(
            gateway,
            browser.CookieHeader,
            gateway.Http.GetLeftPart(UriPartial.Authority)
        );
        // The first comes at once, and each other half a second later at least. A busy machine may only make it more.
        const int Frames = 9;
        var ofDevice = 0;
        for (var frame = 0; frame < Frames; frame++)
        {
            var text = await ReceiveAsync(socket);
            ofDevice += text.Contains("device.a-first", StringComparison.Ordinal) ? 1 : 0;
            Assert.InRange(text.Length, 1, 100_000);
        }
        var passed = TimeProvider.System.GetElapsedTime(begun);
        Assert.True(passed >= TimeSpan.FromSeconds((Frames - 2) / 2.0), $"{Frames} frames came in {passed}.");
        Assert.True(ofDevice > Frames / 2, $"Only {ofDevice} of {Frames} frames tell of the device that streams.");
        await ending.CancelAsync();
        await streaming;
    }

    /// <summary>A hundred rows a second or so, until it is told to stop.</summary>
    private static async Task StreamAsync(LinkClient device, CancellationToken ending)
    {
        for (uint sequence = 1; !ending.IsCancellationRequested; sequence++)
        {
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon + sequence, 20 + (sequence % 100 / 10.0)));
            await device.AcknowledgedAsync(1, sequence);
        }
    }

    [Fact]
    public async Task A_page_that_reads_nothing_is_cut_costs_little_and_slows_nobody()
    {
        await using var gateway = await TestGateway.StartAsync();
        for (var i = 0; i < 400; i++)
            await gateway.Get<DeviceRegistry>().AddAsync($"device-{i:000}", new string('n', 200), Patience.Token());
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var own = gateway.Http.GetLeftPart(UriPartial.Authority);
        using var small = new HttpMessageInvoker(SmallSockets.Handler());
        using var stalled = await OpenAsync(gateway, browser.CookieHeader, own, small);
        using var other = await OpenAsync(gateway, browser.CookieHeader, own);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var round = 0;
        await Patience.UntilAsync(
            async () =>
            {
                // Ever other rows: each frame is some hundred kilobytes that nobody reads, more than its socket takes.
                await SayAsync(stalled, round % 2 * 200, 200);
                await SayAsync(other, round % 2 * 8, 8);
                await UntilFirstAsync(other, round++ % 2 * 8);
                return await gateway.MetricAsync("iotgw_dashboard_stalled_total") == 1;
            },
            "the stalled page's end"
        );
        var grown = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(grown < 16 << 20, $"{grown} bytes more.");
    }

    private static async Task<ClientWebSocket> OpenAsync(
        TestGateway gateway,
        string cookies,
        string? origin,
        HttpMessageInvoker? through = null
    )
    {
        var socket = new ClientWebSocket();
        if (cookies.Length > 0)
            socket.Options.SetRequestHeader("Cookie", cookies);
        if (origin is not null)
            socket.Options.SetRequestHeader("Origin", origin);
        var address = new UriBuilder(gateway.Http) { Scheme = "ws", Path = "/live/fleet" };
        await socket.ConnectAsync(address.Uri, through, Patience.Token());
        return socket;
    }

    private static async Task<WebSocketException> RefusedAsync(TestGateway gateway, string cookies, string? origin) =>
        await Assert.ThrowsAsync<WebSocketException>(() => OpenAsync(gateway, cookies, origin));

    private static async Task SayAsync(ClientWebSocket socket, int first, int count)
    {
        if (socket.State != WebSocketState.Open)
            return;
        var said = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                first,
                count,
                q = "",
                show = "",
                sort = "",
            }
        );
        try
        {
            await socket.SendAsync(said, WebSocketMessageType.Text, endOfMessage: true, Patience.Token());
        }
        catch (WebSocketException)
        {
            // It has just been cut.
        }
    }

    /// <summary>Until the page shows rows from this one on.</summary>
    private static async Task UntilFirstAsync(ClientWebSocket socket, int first)
    {
        while (
            JsonElement.Parse(await ReceiveAsync(socket)).TryGetProperty("list", out var list) is false
            || list.GetProperty("first").GetInt32() != first
            || list.GetProperty("ids").GetArrayLength() > 8
        ) { }
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(), Patience.Token());
            text.Append(Encoding.UTF8.GetString(buffer, 0, received.Count));
            if (received.EndOfMessage)
                return text.ToString();
        }
    }
}
