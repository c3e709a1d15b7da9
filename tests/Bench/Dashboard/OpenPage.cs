using System.Net;
using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace IoTGateway.Bench.Dashboard;

/// <summary>A page of the dashboard as a browser keeps it open: signed in, and reading what comes.</summary>
internal sealed partial class OpenPage : IAsyncDisposable
{
    private readonly CookieContainer _cookies = new();
    private readonly ClientWebSocket _socket = new();
    private readonly HttpClient _http;
    private Task _reading = Task.CompletedTask;
    private long _frames;
    private long _bytes;

    private OpenPage(Uri gateway) =>
        _http = new HttpClient(new SocketsHttpHandler { CookieContainer = _cookies }) { BaseAddress = gateway };

    /// <summary>Frames that have come.</summary>
    public long Frames => Interlocked.Read(ref _frames);

    /// <summary>Bytes of them.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>From the request of the page to its last byte.</summary>
    public TimeSpan LoadTime { get; private set; }

    /// <summary>Bytes of the page.</summary>
    public int PageBytes { get; private set; }

    /// <summary>Signs in with a key, loads the page of all devices, and keeps it open with so many rows in sight.</summary>
    public static async Task<OpenPage> OpenAsync(Uri gateway, string key, int rows)
    {
        var page = new OpenPage(gateway);
        await page.SignInAsync(gateway, key);
        var start = TimeProvider.System.GetTimestamp();
        page.PageBytes = (await page._http.GetByteArrayAsync("/")).Length;
        page.LoadTime = TimeProvider.System.GetElapsedTime(start);
        await page.ConnectAsync(gateway);
        await page._socket.SendAsync(
            System.Text.Encoding.ASCII.GetBytes($$"""{"q":"","show":"","sort":"","first":0,"count":{{rows}}}"""),
            WebSocketMessageType.Text,
            endOfMessage: true,
            CancellationToken.None
        );
        page._reading = page.ReadAsync();
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _reading;
        _socket.Dispose();
        _http.Dispose();
    }

    private async Task SignInAsync(Uri gateway, string key)
    {
        var token = FormToken().Match(await _http.GetStringAsync("/sign-in")).Groups["token"].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in")
        {
            Content = new FormUrlEncodedContent([
                new("__token", WebUtility.HtmlDecode(token)),
                new("key", key),
                new("next", "/health"),
            ]),
        };
        request.Headers.Add("Origin", gateway.GetLeftPart(UriPartial.Authority));
        using var answer = await _http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    private Task ConnectAsync(Uri gateway)
    {
        _socket.Options.SetRequestHeader("Cookie", _cookies.GetCookieHeader(gateway));
        _socket.Options.SetRequestHeader("Origin", gateway.GetLeftPart(UriPartial.Authority));
        return _socket.ConnectAsync(
            new UriBuilder(gateway) { Scheme = "ws", Path = "/live/fleet" }.Uri,
            CancellationToken.None
        );
    }

    private async Task ReadAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var received = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
                Interlocked.Add(ref _bytes, received.Count);
                if (received.MessageType == WebSocketMessageType.Close)
                    throw new InvalidOperationException($"The gateway closed a page: {_socket.CloseStatus}.");
                if (received.EndOfMessage)
                    Interlocked.Increment(ref _frames);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The measurement is over.
        }
    }

    [GeneratedRegex("name=\"__token\" value=\"(?<token>[^\"]+)\"", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex FormToken();
}
