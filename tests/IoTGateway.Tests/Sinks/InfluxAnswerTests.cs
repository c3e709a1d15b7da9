using IoTGateway.Sinks;
using IoTGateway.Sinks.Influx;
using Microsoft.AspNetCore.Http;

namespace IoTGateway.Tests.Sinks;

/// <summary>What is written, and what becomes of it at answers that are not about the lines.</summary>
public sealed class InfluxAnswerTests : IAsyncLifetime
{
    private readonly InfluxStandIn _influx = new();

    public async ValueTask InitializeAsync() => await _influx.StartAsync();

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Fact]
    public async Task A_write_names_org_bucket_precision_and_token()
    {
        Assert.True((await _influx.WriteAsync(3)).Accepted);
        Assert.Equal("/api/v2/write", _influx.Path);
        Assert.Equal("?org=my%20org&bucket=b%26c&precision=ms", _influx.Query);
        Assert.Equal("Token " + InfluxStandIn.Secret, _influx.Authorization);
        Assert.Equal(3, Assert.Single(_influx.Requests).Length);
    }

    [Fact]
    public async Task Lines_are_compressed_over_a_network_and_not_on_this_machine()
    {
        Assert.True((await _influx.WriteAsync(3)).Accepted);
        Assert.Equal("", _influx.Encoding);
        _influx.Use(new InfluxOptions { Bucket = "b" }, isElsewhere: true);
        Assert.True((await _influx.WriteAsync(3)).Accepted);
        Assert.Equal("gzip", _influx.Encoding);
        Assert.All(_influx.Requests, lines => Assert.Equal(3, lines.Length));
        Assert.Equal(2, _influx.Requests.Count);
    }

    [Fact]
    public async Task Version_1_writes_to_the_database_with_basic_authorization()
    {
        _influx.Use(
            new InfluxOptions
            {
                Version = 1,
                Database = "tele",
                Token = "me:pass",
            }
        );
        Assert.True((await _influx.WriteAsync(1)).Accepted);
        Assert.Equal("/write", _influx.Path);
        Assert.Equal("?db=tele&precision=ms", _influx.Query);
        Assert.Equal("Basic bWU6cGFzcw==", _influx.Authorization);
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
        _influx.Answers = (context, _) =>
            InfluxStandIn.Answer(context, status, """{"code":"x","message":"the database's words"}""");
        var verdict = await _influx.WriteAsync(10);
        Assert.False(verdict.Accepted);
        Assert.Contains(hint, verdict.Reason, StringComparison.Ordinal);
        Assert.Contains("the database's words", verdict.Reason, StringComparison.Ordinal);
        Assert.Single(_influx.Requests);
        Assert.Equal(0, _influx.Sink.Counters.Rejected);
        Assert.DoesNotContain(
            InfluxStandIn.Secret,
            verdict.Reason + string.Join('\n', _influx.Log.Lines),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Retry_after_is_passed_on()
    {
        _influx.Answers = (context, _) =>
        {
            context.Response.Headers.RetryAfter = "17";
            return InfluxStandIn.Answer(context, 503);
        };
        Assert.Equal(TimeSpan.FromSeconds(17), (await _influx.WriteAsync(1)).RetryAfter);
        var options = new SinkRunnerOptions();
        Assert.Equal(TimeSpan.FromSeconds(17), options.Delay(1, TimeSpan.FromSeconds(17), 0.5));
        Assert.Equal(TimeSpan.FromMinutes(10), options.Delay(1, TimeSpan.FromDays(1), 0.5));
        Assert.Equal(TimeSpan.FromSeconds(4), options.Delay(4, null, 0.5));
        Assert.Equal(TimeSpan.FromSeconds(72), options.Delay(1000, null, 1));
    }

    [Fact]
    public async Task A_login_page_with_status_200_is_no_receipt()
    {
        _influx.Answers = (context, _) =>
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            return context.Response.WriteAsync("<html>Sign in</html>");
        };
        var verdict = await _influx.WriteAsync(1);
        Assert.False(verdict.Accepted);
        Assert.Contains("web page", verdict.Reason, StringComparison.Ordinal);
    }
}
