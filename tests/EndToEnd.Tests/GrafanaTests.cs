using System.Net.Http.Json;
using System.Text.Json;
using EndToEnd.Tests.Stack;
using IoTGateway.Tests;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>Every query of every panel of the dashboards, against real databases that a virtual device has filled.</summary>
public sealed class GrafanaTests
{
    private const string InfluxSource = "iotgw-influxdb";
    private const string PrometheusSource = "iotgw-prometheus";

    [Fact]
    public async Task Every_panels_query_returns_rows()
    {
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}"
        );
        await using var prometheus = await PrometheusServer.StartAsync(
            await PrometheusFile.ForAsync(gateway, scrapeInterval: "1s")
        );
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("greenhouse"), seed: 1);
        // A rate is between two looks: what is charted happens after the first.
        await Eventually.HoldsAsync(
            "Prometheus has looked once",
            async () => (await prometheus.QueryAsync("iotgw_command_seconds_count")).Length > 0
        );
        // Charts of what goes wrong need something that has gone wrong.
        await RefuseAsync(gateway);
        await using (var briefly = new Streamer(gateway, await gateway.AddDeviceAsync("brief"), seed: 2))
        {
            briefly.Start();
            await briefly.UntilAcknowledgedAsync(3);
        }
        device.Start();
        await device.UntilAcknowledgedAsync(30);
        await CommandAsync(gateway);
        await RefuseAsync(gateway);

        var panels = Dashboards().SelectMany(Panels).ToArray();
        Assert.True(panels.Length >= 30, $"only {panels.Length} queries");
        Assert.Equal([InfluxSource, PrometheusSource], panels.Select(panel => panel.Source).Distinct().Order());
        foreach (var panel in panels)
            await Eventually.HoldsAsync(
                $"{panel.Board}, '{panel.Title}' returns rows: {panel.Query}",
                () => panel.Source == InfluxSource ? AsksInfluxAsync(influx, panel) : AsksAsync(prometheus, panel)
            );
    }

    [Fact]
    public void The_dashboards_name_the_data_sources_that_are_provisioned_and_each_is_there_once()
    {
        var boards = Dashboards();
        Assert.Equal(3, boards.Select(board => board.GetProperty("uid").GetString()).Distinct().Count());
        var sources = File.ReadAllText(In("deploy/grafana/provisioning/datasources/iotgw.yaml"));
        foreach (var source in boards.SelectMany(Panels).Select(panel => panel.Source).Distinct())
            Assert.Contains($"uid: {source}\n", sources, StringComparison.Ordinal);
    }

    private static async Task<bool> AsksInfluxAsync(InfluxDbServer influx, Panel panel)
    {
        var query = panel
            .Query.Replace("$timeFilter", "time > now() - 1h", StringComparison.Ordinal)
            .Replace("$__interval", "1s", StringComparison.Ordinal)
            .Replace("$device", "greenhouse", StringComparison.Ordinal);
        Assert.DoesNotContain("$", query, StringComparison.Ordinal);
        var result = await influx.QueryAsync(query);
        Assert.False(result.TryGetProperty("error", out var error), $"{panel.Title}: {error}");
        return result.TryGetProperty("series", out var series)
            && series.EnumerateArray().All(one => one.GetProperty("values").GetArrayLength() > 0);
    }

    private static async Task<bool> AsksAsync(PrometheusServer prometheus, Panel panel)
    {
        var values = await prometheus.QueryAsync(
            panel.Query.Replace("$__rate_interval", "60s", StringComparison.Ordinal)
        );
        return values.Length > 0 && !values.All(double.IsNaN);
    }

    private static async Task CommandAsync(GatewayProcess gateway)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/devices/greenhouse/commands")
        {
            Content = JsonContent.Create(new { name = "led", arguments = new { on = true } }),
        };
        request.Headers.Add("Prefer", "wait=10");
        using var answer = await gateway.Api.SendAsync(request);
        Assert.Contains("succeeded", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task RefuseAsync(GatewayProcess gateway)
    {
        using var stranger = new HttpClient { BaseAddress = gateway.Api.BaseAddress };
        using var answer = await stranger.GetAsync("/v1/link");
        Assert.Equal(426, (int)answer.StatusCode);
    }

    private static JsonElement[] Dashboards() =>
        [
            .. Directory
                .GetFiles(In("deploy/grafana/dashboards"), "*.json")
                .Order(StringComparer.Ordinal)
                .Select(path => JsonElement.Parse(File.ReadAllText(path))),
        ];

    private static IEnumerable<Panel> Panels(JsonElement board)
    {
        var title = board.GetProperty("title").GetString()!; // every dashboard has one
        foreach (var variable in board.GetProperty("templating").GetProperty("list").EnumerateArray())
            yield return new Panel(title, "variable", Source(variable), variable.GetProperty("query").GetString()!); // of type query
        foreach (var panel in board.GetProperty("panels").EnumerateArray())
        foreach (var target in panel.GetProperty("targets").EnumerateArray())
        {
            var query = target.GetProperty(Source(target) == InfluxSource ? "query" : "expr").GetString()!; // as Grafana needs it
            yield return new Panel(title, panel.GetProperty("title").GetString()!, Source(target), query); // each has one
        }
    }

    private static string Source(JsonElement element) =>
        element.GetProperty("datasource").GetProperty("uid").GetString()!; // as Grafana needs it

    private static string In(string path) => Path.Combine(RepositoryRoot.Path, path);

    private sealed record Panel(string Board, string Title, string Source, string Query);
}
