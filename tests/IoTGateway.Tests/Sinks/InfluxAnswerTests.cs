using System.IO.Compression;
using System.Text;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Tests.Sinks;

/// <summary>Answers that a real database does not give on demand, from an HTTP server of the test's own.</summary>
public sealed class InfluxAnswerTests : IAsyncLifetime
{
    private const string Secret = "very-secret-token";

    private readonly SinkRig _rig = new();
    private readonly List<string[]> _requests = [];
    private readonly List<string> _log = [];
    private Func<HttpContext, string[], Task> _answer = (context, _) => Answer(context, 204);
    private string? _path;
    private string? _query;
    private string? _authorization;
    private WebApplication? _server;
    private InfluxSink? _sink;

    private InfluxSink Sink => _sink ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(HandleAsync);
        await _server.StartAsync();
        _sink = Create(
            new InfluxOptions
            {
                Org = "my org",
                Bucket = "b&c",
                Token = Secret,
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        _sink?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        await _rig.DisposeAsync();
    }

    [Fact]
    public async Task A_write_names_org_bucket_precision_and_token_and_is_compressed()
    {
        Assert.True((await WriteAsync(3)).Accepted);
        Assert.Equal("/api/v2/write", _path);
        Assert.Equal("?org=my%20org&bucket=b%26c&precision=ms", _query);
        Assert.Equal("Token " + Secret, _authorization);
        Assert.Equal(3, Assert.Single(_requests).Length);
    }

    [Fact]
    public async Task Version_1_writes_to_the_database_with_basic_authorization()
    {
        _sink?.Dispose();
        _sink = Create(
            new InfluxOptions
            {
                Version = 1,
                Database = "tele",
                Token = "me:pass",
            }
        );
        Assert.True((await WriteAsync(1)).Accepted);
        Assert.Equal("/write", _path);
        Assert.Equal("?db=tele&precision=ms", _query);
        Assert.Equal("Basic bWU6cGFzcw==", _authorization);
    }

    [Theory]
    [InlineData(401, "Influx:Token")]
    [InlineData(403, "Influx:Bucket 'b&c'")]
    [InlineData(404, "Influx:Org 'my org'")]
    [InlineData(302, "Influx:Url")]
    [InlineData(408, "busy")]
    [InlineData(418, "Influx:Version")]
    [InlineData(429, "busy")]
    [InlineData(502, "log")]
    public async Task An_answer_that_is_not_about_the_lines_keeps_them_and_says_where_to_look(int status, string hint)
    {
        _answer = (context, _) => Answer(context, status, """{"code":"x","message":"the database's words"}""");
        var verdict = await WriteAsync(10);
        Assert.False(verdict.Accepted);
        Assert.Contains(hint, verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("the database's words", verdict.Reason, StringComparison.Ordinal);
        Assert.Single(_requests);
        Assert.Equal(0, Sink.Counters.Rejected);
        Assert.DoesNotContain(Secret, verdict.Reason + string.Join('\n', _log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retry_after_is_passed_on()
    {
        _answer = (context, _) =>
        {
            context.Response.Headers.RetryAfter = "17";
            return Answer(context, 503);
        };
        Assert.Equal(TimeSpan.FromSeconds(17), (await WriteAsync(1)).RetryAfter);
        var options = new SinkRunnerOptions();
        Assert.Equal(TimeSpan.FromSeconds(17), options.Delay(1, TimeSpan.FromSeconds(17), 0.5));
        Assert.Equal(TimeSpan.FromMinutes(10), options.Delay(1, TimeSpan.FromDays(1), 0.5));
        Assert.Equal(TimeSpan.FromSeconds(4), options.Delay(4, null, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(72), options.Delay(1000, null, 1));
    }

    [Fact]
    public async Task A_login_page_with_status_200_is_no_receipt()
    {
        _answer = (context, _) =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync("<html>Sign in</html>");
        };
        var verdict = await WriteAsync(1);
        Assert.False(verdict.Accepted);
        Assert.Contains("web page", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_drops_the_whole_batch_for_one_line_gets_all_others_and_the_one_is_recorded()
    {
        var stored = new HashSet<string>();
        _answer = (context, lines) =>
        {
            if (lines.Any(IsPoison))
                return Answer(context, 400, """{"code":"invalid","message":"unable to parse"}""");
            stored.UnionWith(lines);
            return Answer(context, 204);
        };
        Assert.True((await WriteAsync(1000)).Accepted);
        Assert.Equal(999, stored.Count);
        Assert.Equal(1, Sink.Counters.Rejected);
        Assert.Equal(999, Sink.Counters.Rows);
        var entry = Assert.Single(_rig.Rejected.Newest("influx", 10)).Row;
        Assert.True(IsPoison(entry.Row));
        Assert.Contains("unable to parse", entry.Reason, StringComparison.Ordinal);
        Assert.Equal(SinkRig.Device, entry.Device);
        Assert.InRange(_requests.Count, 2, 25);
    }

    [Fact]
    public async Task When_all_lines_of_a_request_are_dropped_they_are_recorded_without_a_search()
    {
        _answer = (context, lines) =>
            Answer(context, 422, $$"""{"code":"x","message":"partial write: conflict dropped={{lines.Length}}"}""");
        Assert.True((await WriteAsync(500)).Accepted);
        Assert.Equal(500, Sink.Counters.Rejected);
        Assert.Single(_requests);
    }

    [Fact]
    public async Task The_third_500_starts_a_search_for_the_line_that_causes_it()
    {
        _answer = (context, lines) => Answer(context, lines.Any(IsPoison) ? 500 : 204);
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(100, SinkRig.Start)));
        var token = TestContext.Current.CancellationToken;
        Assert.False((await Sink.WriteAsync(batch, token)).Accepted);
        Assert.False((await Sink.WriteAsync(batch, token)).Accepted);
        Assert.Equal(2, _requests.Count);
        Assert.True((await Sink.WriteAsync(batch, token)).Accepted);
        Assert.Equal(1, Sink.Counters.Rejected);
        Assert.True(IsPoison(Assert.Single(_rig.Rejected.Newest("influx", 10)).Row.Row));
    }

    [Fact]
    public async Task A_redirect_is_not_followed_to_a_page_that_answers_200()
    {
        _answer = (context, _) =>
        {
            context.Response.Headers.Location = "/login";
            return Answer(context, 302);
        };
        var verdict = await WriteAsync(1);
        Assert.False(verdict.Accepted);
        Assert.Contains("redirects", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal("/api/v2/write", _path);
    }

    [Theory]
    [InlineData(500, 1000)]
    [InlineData(500, 3)]
    [InlineData(400, 1000)]
    [InlineData(400, 3)]
    public async Task A_server_that_refuses_everything_without_a_databases_word_rejects_nothing(int status, int rows)
    {
        _answer = (context, _) => Answer(context, status, "no");
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(rows, SinkRig.Start)));
        for (var attempt = 0; attempt < 9; attempt++)
            Assert.False((await Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        Assert.Equal(0, Sink.Counters.Rejected);
        Assert.InRange(_requests.Count, 9, 9 * 50);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_halved_until_it_fits()
    {
        var stored = new HashSet<string>();
        _answer = (context, lines) =>
        {
            if (lines.Length > 100)
                return Answer(context, 413, "too large");
            stored.UnionWith(lines);
            return Answer(context, 204);
        };
        Assert.True((await WriteAsync(1000)).Accepted);
        Assert.Equal(1000, stored.Count);
        Assert.Equal(0, Sink.Counters.Rejected);
    }

    [Fact]
    public async Task Requests_are_bounded_and_what_was_stored_before_a_keep_is_not_sent_again()
    {
        var bodies = Enumerable
            .Range(0, 12)
            .Select(part => _rig.Telemetry(_rig.ClimateRows(1000, SinkRig.Start + (part * 1_000_000L), seed: part)))
            .ToArray();
        _answer = (context, _) => Answer(context, _requests.Count == 2 ? 503 : 204);
        var batch = _rig.Batch(bodies);
        Assert.False((await Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        Assert.Equal([5000, 5000], _requests.Select(lines => lines.Length));
        Assert.True((await Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
        Assert.Equal([5000, 5000, 5000, 2000], _requests.Select(lines => lines.Length));
        Assert.Equal(12_000, Sink.Counters.Rows);
    }

    [Fact]
    public async Task A_cancelled_write_ends_at_once_and_the_batch_can_come_again()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _answer = async (context, _) =>
        {
            arrived.TrySetResult();
            await hold.Task.WaitAsync(context.RequestAborted);
        };
        using var stop = new CancellationTokenSource();
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start)));
        var writing = Sink.WriteAsync(batch, stop.Token).AsTask();
        await arrived.Task;
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        _answer = (context, _) => Answer(context, 204);
        Assert.True((await Sink.WriteAsync(batch, TestContext.Current.CancellationToken)).Accepted);
    }

    [Fact]
    public async Task A_server_that_is_not_there_keeps_the_batch()
    {
        var batch = _rig.Batch(_rig.Telemetry(_rig.ClimateRows(5, SinkRig.Start)));
        await (_server ?? throw new InvalidOperationException()).StopAsync();
        var verdict = await Sink.WriteAsync(batch, TestContext.Current.CancellationToken);
        Assert.False(verdict.Accepted);
        Assert.Contains("Influx:Url", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:8086", 2, "b", null, "Influx:Url is 'localhost:8086'")]
    [InlineData("http://u:p@host", 2, "b", null, "Influx:Token")]
    [InlineData("http://host?x=1", 2, "b", null, "Influx:Url is 'http://host?x=1'")]
    [InlineData("http://host", 3, "b", null, "Influx:Version is 3")]
    [InlineData("http://host", 2, "", null, "Influx:Bucket is empty")]
    [InlineData("http://host", 1, "", null, "Influx:Database is empty")]
    [InlineData("http://host", 1, "b", "secret", "Influx:Token has no colon")]
    [InlineData("http://host", 2, "b", "secret\n", "Influx:Token holds a line break")]
    public void A_wrong_setting_is_named_with_what_is_allowed(
        string url,
        int version,
        string place,
        string? token,
        string expected
    )
    {
        var options = new InfluxOptions
        {
            Url = url,
            Version = version,
            Bucket = place,
            Database = place,
            Token = token,
        };
        var result = new InfluxOptionsValidator().Validate(null, options);
        Assert.Contains(expected, result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("u:p", result.FailureMessage, StringComparison.Ordinal);
    }

    private static bool IsPoison(string line) => line.EndsWith(" 1700000037000", StringComparison.Ordinal);

    private static Task Answer(HttpContext context, int status, string body = "")
    {
        context.Response.StatusCode = status;
        if (body.Length == 0)
            return Task.CompletedTask;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private ValueTask<SinkVerdict> WriteAsync(int rows) =>
        Sink.WriteAsync(
            _rig.Batch(_rig.Telemetry(_rig.ClimateRows(rows, SinkRig.Start))),
            TestContext.Current.CancellationToken
        );

    private InfluxSink Create(InfluxOptions options)
    {
        var server = _server ?? throw new InvalidOperationException();
        options.Url = server.Urls.First();
        return new InfluxSink(
            options,
            _rig.Catalogs,
            _rig.Rejected,
            TimeProvider.System,
            new ListLogger(_log),
            InfluxClient.CreateHandler()
        );
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.Path == "/login")
            return;
        Assert.Equal("gzip", context.Request.Headers.ContentEncoding);
        await using var plain = new GZipStream(context.Request.Body, CompressionMode.Decompress);
        using var reader = new StreamReader(plain, Encoding.UTF8);
        var lines = (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        (_path, _query) = (context.Request.Path, context.Request.QueryString.Value);
        _authorization = context.Request.Headers.Authorization;
        _requests.Add(lines);
        await _answer(context, lines);
    }

    private sealed class ListLogger(List<string> lines) : ILogger<InfluxSink>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        ) => lines.Add(formatter(state, exception));
    }
}
