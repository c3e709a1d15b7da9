using System.Collections.Concurrent;
using System.IO.Compression;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Tests.Sinks;

/// <summary>A database that answers as a test wants, where a real one does not do so on demand, and a sink that writes to it.</summary>
internal sealed class InfluxStandIn : IAsyncDisposable
{
    public const string Secret = "very-secret-token";

    private WebApplication? _server;
    private InfluxSink? _sink;

    public SinkRig Rig { get; } = new();

    public ConcurrentQueue<string[]> Requests { get; } = [];

    public CapturedLog Log { get; } = new();

    public Func<HttpContext, string[], Task> Answers { get; set; } = (context, _) => Answer(context, 204);

    /// <summary>Of the sinks made from now on.</summary>
    public TimeProvider Clock { get; set; } = TimeProvider.System;

    public string? Path { get; private set; }

    public string? Query { get; private set; }

    public string? Encoding { get; private set; }

    public string? Authorization { get; private set; }

    public WebApplication Server => _server ?? throw new InvalidOperationException("Not started.");

    public InfluxSink Sink => _sink ?? throw new InvalidOperationException("Not started.");

    public static Task Answer(HttpContext context, int status, string body = "")
    {
        context.Response.StatusCode = status;
        if (body.Length == 0)
            return Task.CompletedTask;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(HandleAsync);
        await _server.StartAsync();
        Use(
            new InfluxOptions
            {
                Org = "my org",
                Bucket = "b&c",
                Token = Secret,
            }
        );
    }

    public ValueTask<SinkVerdict> WriteAsync(int rows) =>
        Sink.WriteAsync(
            Rig.Batch(Rig.Telemetry(Rig.ClimateRows(rows, SinkRig.Start))),
            TestContext.Current.CancellationToken
        );

    /// <summary>Goes on with a sink of other settings.</summary>
    public void Use(InfluxOptions options, bool isElsewhere = false)
    {
        _sink?.Dispose();
        _sink = Create(options, isElsewhere);
    }

    /// <summary>A sink, which may take the database for one on another machine.</summary>
    public InfluxSink Create(InfluxOptions options, bool isElsewhere = false)
    {
        (options.Url, var handler) = isElsewhere
            ? Elsewhere.Of(Server.Urls.First())
            : (Server.Urls.First(), InfluxClient.CreateHandler());
        return new InfluxSink(
            options,
            Rig.Catalogs,
            Rig.Rejected,
            Clock,
            new Logger<InfluxSink>(LoggerFactory.Create(logging => logging.AddProvider(Log))),
            handler
        );
    }

    public async ValueTask DisposeAsync()
    {
        _sink?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        await Rig.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == "/login")
            return;
        Encoding = context.Request.Headers.ContentEncoding.ToString();
        await using var plain =
            Encoding == "gzip"
                ? new GZipStream(context.Request.Body, CompressionMode.Decompress)
                : context.Request.Body;
        using var reader = new StreamReader(plain, System.Text.Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (Path, Query) = (context.Request.Path, context.Request.QueryString.Value);
        Authorization = context.Request.Headers.Authorization;
        Requests.Enqueue(lines);
        await Answers(context, lines);
    }
}
