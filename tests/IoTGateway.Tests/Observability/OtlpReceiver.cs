using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Tests.Observability;

/// <summary>A span as a collector gets it.</summary>
internal sealed record ReceivedSpan(
    string Trace,
    string Id,
    string Parent,
    string Name,
    ulong StartNanos,
    ulong EndNanos,
    bool IsError,
    IReadOnlyDictionary<string, string> Tags
);

/// <summary>A collector that takes OTLP over HTTP (opentelemetry-proto, trace.proto and metrics.proto).</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedSpan> _spans = new();
    private readonly ConcurrentDictionary<string, bool> _metrics = new();
    private readonly ConcurrentDictionary<string, bool> _headers = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapPost("/v1/traces", context => TakeAsync(context, TakeSpans));
        _app.MapPost("/v1/metrics", context => TakeAsync(context, TakeMetrics));
    }

    public string Url => _app.Urls.Single();

    public IReadOnlyCollection<ReceivedSpan> Spans => _spans;

    public ICollection<string> Metrics => _metrics.Keys;

    /// <summary>Values of the header <c>x-token</c>.</summary>
    public ICollection<string> Tokens => _headers.Keys;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context, Action<Protobuf> take)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _headers.TryAdd(context.Request.Headers["x-token"].ToString(), true);
        take(new Protobuf(body.ToArray()));
    }

    private void TakeSpans(Protobuf request)
    {
        foreach (var span in request.Messages(1).SelectMany(all => all.Messages(2)).SelectMany(all => all.Messages(2)))
        {
            var tags = span.Messages(9).ToDictionary(pair => pair.Text(1), pair => Value(pair.Messages(2).First()));
            _spans.Enqueue(
                new ReceivedSpan(
                    Convert.ToHexString(span.Bytes(1)),
                    Convert.ToHexString(span.Bytes(2)),
                    Convert.ToHexString(span.Bytes(4)),
                    span.Text(5),
                    span.Number(7),
                    span.Number(8),
                    span.Messages(15).Any(status => status.Number(3) == 2),
                    tags
                )
            );
        }
    }

    private void TakeMetrics(Protobuf request)
    {
        foreach (var one in request.Messages(1).SelectMany(all => all.Messages(2)).SelectMany(all => all.Messages(2)))
            _metrics.TryAdd(one.Text(1), true);
    }

    private static string Value(Protobuf any) => any.Bytes(1).Length > 0 ? any.Text(1) : $"{any.Number(3)}";
}
