using System.Collections.Concurrent;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace IoTGateway.Sinks.Influx;

/// <summary>
/// Sends lines to the database's write call: compressed over a network, as they are on this machine, where packing and
/// unpacking them costs more than it spares.
/// </summary>
internal sealed class InfluxClient : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly AuthenticationHeaderValue? _authorization;
    private readonly TimeProvider _clock;

    // Free buffers; there are never more than requests under way at once: those of the sink's loop, and a retry by hand.
    private readonly ConcurrentBag<MemoryStream> _buffers = [];

    /// <summary>Takes validated options; the handler is disposed with the client.</summary>
    public InfluxClient(InfluxOptions options, TimeProvider clock, HttpMessageHandler handler)
    {
        _clock = clock;
        _http = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
        _url = WriteUrl(options);
        _authorization = Authorization(options);
    }

    /// <summary>
    /// The handler to use: it follows no redirect, because a POST that is redirected becomes a GET, whose 200 would
    /// be taken for a receipt.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() =>
        new()
        {
            AllowAutoRedirect = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };

    /// <summary>Where the lines go, without secrets.</summary>
    public Uri Url => _url;

    /// <summary>The database is on this machine.</summary>
    public bool IsHere => _url.IsLoopback;

    /// <summary>Sends lines. No answer is an answer too; only our own cancellation throws.</summary>
    public async Task<InfluxAnswer> SendAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellationToken)
    {
        var buffer = _buffers.TryTake(out var free) ? free : new MemoryStream();
        try
        {
            using var deadline = new CancellationTokenSource(Timeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
            var answer = await ExchangeAsync(Content(lines, buffer), either.Token);
            // Off the thread of the sockets: what follows is the next request's lines.
            await Task.Yield();
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new InfluxAnswer(0, $"no answer within {Timeout.TotalSeconds} s", IsDatabase: false, null)
            {
                IsTooSlow = true,
            };
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return new InfluxAnswer(0, failure.Message, IsDatabase: false, null);
        }
        finally
        {
            _buffers.Add(buffer);
        }
    }

    private async Task<InfluxAnswer> ExchangeAsync(HttpContent lines, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = lines };
        request.Headers.Authorization = _authorization;
        using var response = await _http.SendAsync(
            request,
            HttpCompletionOption.ResponseHeadersRead,
            cancellationToken
        );
        return await InfluxAnswer.ReadAsync(response, _clock, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private HttpContent Content(ReadOnlyMemory<byte> lines, MemoryStream buffer)
    {
        HttpContent content = IsHere ? new ReadOnlyMemoryContent(lines) : Compress(lines, buffer);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/plain", "utf-8");
        return content;
    }

    private static ByteArrayContent Compress(ReadOnlyMemory<byte> lines, MemoryStream into)
    {
        into.SetLength(0);
        using (var gzip = new GZipStream(into, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(lines.Span);
        var content = new ByteArrayContent(into.GetBuffer(), 0, (int)into.Length);
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static Uri WriteUrl(InfluxOptions options)
    {
        var root = options.Url?.TrimEnd('/') ?? "";
        var query = options.Version == 1 ? $"db={Escape(options.Database)}" : $"bucket={Escape(options.Bucket)}";
        if (options.Version == 2 && !string.IsNullOrEmpty(options.Org))
            query = $"org={Escape(options.Org)}&{query}";
        return new Uri($"{root}{(options.Version == 1 ? "/write" : "/api/v2/write")}?{query}&precision=ms");
    }

    private static string Escape(string? value) => Uri.EscapeDataString(value ?? "");

    private static AuthenticationHeaderValue? Authorization(InfluxOptions options)
    {
        if (string.IsNullOrEmpty(options.Token))
            return null;
        return options.Version == 1
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(options.Token)))
            : new AuthenticationHeaderValue("Token", options.Token);
    }
}
