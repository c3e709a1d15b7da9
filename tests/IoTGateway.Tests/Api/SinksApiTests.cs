using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Sinks;
using Microsoft.AspNetCore.Http;

namespace IoTGateway.Tests.Api;

/// <summary>/api/sinks on a gateway whose database refuses what a test says.</summary>
public sealed class SinksApiTests : IAsyncLifetime
{
    private const string Rejected = "/api/sinks/influx/rejected";

    private readonly InfluxStandIn _influx = new();
    private TestGateway? _gateway;

    private TestGateway Gateway => _gateway ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        await _influx.StartAsync();
        _gateway = await TestGateway.StartAsync($"--Influx:Url={_influx.Server.Urls.First()}", "--Influx:Bucket=b");
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        await _influx.DisposeAsync();
    }

    [Fact]
    public async Task Refused_rows_are_listed_in_pages_with_time_fields_reason_and_when()
    {
        await RefuseAsync("roof", 20.5, 21, 22);
        await RefuseAsync("cellar", 5);
        var page = await GetAsync($"{Rejected}?device=roof&limit=2");
        Assert.Equal(4, page.GetProperty("total").GetInt32());
        var row = page.GetProperty("rows")[0];
        Assert.Equal("roof", row.GetProperty("device").GetString());
        Assert.Equal("climate", row.GetProperty("measurement").GetString());
        Assert.Equal(House.Noon, row.GetProperty("time").GetInt64());
        Assert.Equal("20.50", row.GetProperty("fields").GetProperty("temperature").GetString());
        Assert.Contains("type conflict", row.GetProperty("reason").GetString());
        Assert.InRange(row.GetProperty("rejectedAt").GetInt64(), House.Noon, House.Noon + 7_200_000);
        var rest = await GetAsync($"{Rejected}?device=roof&limit=2&after={page.GetProperty("next").GetInt64()}");
        Assert.Equal(1, rest.GetProperty("rows").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, rest.GetProperty("next").ValueKind);
        Assert.Equal(4, await Gateway.MetricAsync("""iotgw_sink_rejected_kept_rows{sink="influx"}"""));
    }

    [Fact]
    public async Task A_retry_after_the_database_was_mended_stores_them_and_a_retry_before_keeps_them()
    {
        await RefuseAsync("roof", 20, 21, 22);
        var before = await PostAsync($"{Rejected}/retry", null);
        Assert.Equal((0, 3), (before.GetProperty("stored").GetInt32(), before.GetProperty("refused").GetInt32()));
        var stored = new List<string>();
        _influx.Answers = (context, lines) =>
        {
            stored.AddRange(lines);
            return InfluxStandIn.Answer(context, 204);
        };
        var first = (await GetAsync(Rejected)).GetProperty("rows")[0].GetProperty("id").GetInt64();
        var one = await PostAsync($"{Rejected}/retry", new { ids = new[] { first } });
        Assert.Equal(1, one.GetProperty("stored").GetInt32());
        Assert.Equal(2, (await PostAsync($"{Rejected}/retry", new { })).GetProperty("stored").GetInt32());
        Assert.Equal(3, stored.Distinct().Count());
        Assert.Equal(0, (await GetAsync(Rejected)).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Rows_are_discarded_one_by_one_or_all()
    {
        await RefuseAsync("roof", 20, 21, 22);
        var id = (await GetAsync(Rejected)).GetProperty("rows")[1].GetProperty("id").GetInt64();
        using var gone = await Gateway.Client.DeleteAsync($"{Rejected}/{id}");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        using var again = await Gateway.Client.DeleteAsync($"{Rejected}/{id}");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        using var all = await Gateway.Client.DeleteAsync(Rejected);
        Assert.Equal(2, (await all.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("discarded").GetInt32());
        Assert.Equal(0, (await GetAsync(Rejected)).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_wrong_token_is_told_in_words_by_readyz_the_log_and_the_list_of_sinks_and_a_retry_answers_503()
    {
        _influx.Answers = (context, _) =>
            InfluxStandIn.Answer(context, 401, """{"code":"unauthorized","message":"no"}""");
        await SendAsync("roof", 20);
        await Patience.UntilAsync(
            async () => (await Gateway.Client.GetStringAsync("/readyz")).Contains("check Influx:Token"),
            "the reason in /readyz"
        );
        Assert.StartsWith("ready\n", await Gateway.Client.GetStringAsync("/readyz"));
        Assert.Contains(
            Gateway.LogLines,
            line => line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("check Influx:Token")
        );
        var influx = (await GetAsync("/api/sinks")).EnumerateArray().Single(sink => Name(sink) == "influx");
        Assert.Contains("check Influx:Token", influx.GetProperty("state").GetString());
        Assert.False(influx.GetProperty("ok").GetBoolean());
        Assert.True(influx.GetProperty("lagBytes").GetInt64() > 0);
        Gateway.Get<IoTGateway.Sinks.RejectedRows>().Add("influx", [new("roof", 1, "m,device=roof x=1 1", "why")]);
        using var retry = await Gateway.Client.PostAsJsonAsync($"{Rejected}/retry", new { });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, retry.StatusCode);
        Assert.Contains("Influx:Token", await retry.Content.ReadAsStringAsync());
        // Right again: what waited is stored, once.
        _influx.Requests.Clear();
        _influx.Answers = (context, _) => InfluxStandIn.Answer(context, 204);
        await Patience.UntilAsync(async () => Name(await HealthyAsync()) == "influx", "the sink goes on");
        Assert.Single(_influx.Requests.SelectMany(lines => lines).Distinct());
    }

    [Fact]
    public async Task A_sink_that_is_not_there_a_wrong_limit_and_no_key_are_refused_and_all_is_described()
    {
        using var unknown = await Gateway.Client.GetAsync("/api/sinks/oracle/rejected");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Contains("GET /api/sinks", await unknown.Content.ReadAsStringAsync());
        using var limit = await Gateway.Client.GetAsync($"{Rejected}?limit=0");
        Assert.Equal(HttpStatusCode.BadRequest, limit.StatusCode);
        using var stranger = new HttpClient { BaseAddress = Gateway.Http };
        using var refused = await stranger.GetAsync("/api/sinks");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        using var discard = await stranger.DeleteAsync(Rejected);
        Assert.Equal(HttpStatusCode.Unauthorized, discard.StatusCode);
        var paths = JsonElement.Parse(await stranger.GetStringAsync("/api/openapi.json")).GetProperty("paths");
        var described = paths.EnumerateObject().Select(path => path.Name.TrimEnd('/')).ToArray();
        string[] expected = ["/api/sinks", "/api/sinks/{sink}/rejected", "/api/sinks/{sink}/rejected/retry"];
        Assert.All(expected, path => Assert.Contains(path, described));
    }

    [Fact]
    public async Task A_large_backlog_of_a_slow_database_holds_neither_receipts_nor_history_nor_the_live_feed()
    {
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _influx.Answers = async (context, _) =>
        {
            await hold.Task.WaitAsync(context.RequestAborted);
            await InfluxStandIn.Answer(context, 204);
        };
        await using var device = await LinkClient.OpenAsync(Gateway, await Gateway.AddDeviceAsync("roof"));
        var rows = Enumerable.Range(0, 200).Select(i => (double)i).ToArray();
        const uint Backlog = 150;
        for (var sequence = 1u; sequence <= Backlog; sequence++)
        {
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon + (sequence * 200_000L), rows));
            await device.AcknowledgedAsync(1, sequence);
        }
        await using var stream = await Gateway.Client.GetStreamAsync("/api/live?device=roof");
        using var live = new StreamReader(stream);
        await live.ReadLineAsync(Patience.Token());
        hold.SetResult(); // the backfill begins
        var started = TimeProvider.System.GetTimestamp();
        await device.SendAsync(House.Telemetry(1, Backlog + 1, House.Noon, 77));
        await device.AcknowledgedAsync(1, Backlog + 1);
        string? line;
        do line = await live.ReadLineAsync(Patience.Token());
        while (line?.Contains("\"temperature\":77") != true);
        await Patience.UntilAsync(
            async () =>
                (
                    await GetAsync(
                        $"/api/devices/roof/readings?measurement=climate&field=temperature&from={House.Noon}&to={House.Noon}"
                    )
                )
                    .GetProperty("points")
                    .GetArrayLength() == 1,
            "the row in the history"
        );
        var took = TimeProvider.System.GetElapsedTime(started);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"receipt, live feed and history after {took.TotalMilliseconds:F0} ms"
        );
        Assert.InRange(took, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await Patience.UntilAsync(
            () => _influx.Requests.SelectMany(lines => lines).Distinct().Count() == (Backlog * 200) + 1,
            "the backfill's end"
        );
    }

    private static string? Name(JsonElement sink) =>
        sink.ValueKind == JsonValueKind.Object ? sink.GetProperty("name").GetString() : null;

    private async Task<JsonElement> HealthyAsync() =>
        (await GetAsync("/api/sinks"))
            .EnumerateArray()
            .FirstOrDefault(sink => Name(sink) == "influx" && sink.GetProperty("state").GetString() == "caught up");

    private async Task SendAsync(string id, params double[] temperatures)
    {
        await using var device = await LinkClient.OpenAsync(Gateway, await Gateway.AddDeviceAsync(id));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, temperatures));
        await device.AcknowledgedAsync(1, 1);
    }

    private async Task RefuseAsync(string id, params double[] temperatures)
    {
        _influx.Answers = (context, lines) =>
            InfluxStandIn.Answer(
                context,
                400,
                $$"""{"error":"partial write: field type conflict dropped={{lines.Length}}"}"""
            );
        var rejected = Gateway.Get<IoTGateway.Sinks.RejectedRows>();
        var before = rejected.Count("influx");
        await SendAsync(id, temperatures);
        await Patience.UntilAsync(() => rejected.Count("influx") == before + temperatures.Length, "refused rows");
    }

    private async Task<JsonElement> GetAsync(string path) => await Gateway.Client.GetFromJsonAsync<JsonElement>(path);

    private async Task<JsonElement> PostAsync(string path, object? body)
    {
        using var answer = body is null
            ? await Gateway.Client.PostAsync(path, null)
            : await Gateway.Client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonElement.Parse(text);
    }
}
