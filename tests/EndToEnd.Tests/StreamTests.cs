using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>Virtual devices over wss into a gateway process, and what is then in the history and in a real database.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task What_devices_sent_is_in_the_history_and_in_InfluxDB_value_by_value_over_kills_and_restarts()
    {
        await using var influx = await InfluxDbServer.StartAsync();
        string[] settings =
        [
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}",
        ];
        await StreamAsync(
            settings,
            async device =>
                (await influx.ReadAsync(device)).ToDictionary(
                    pair => ($"{pair.Key.Item1}_{pair.Key.Item2}", pair.Key.Item3),
                    pair => (double)pair.Value
                )
        );
    }

    [Fact]
    public async Task What_devices_sent_is_in_the_history_and_in_VictoriaMetrics_value_by_value_over_kills_and_restarts()
    {
        await using var victoria = await VictoriaMetricsServer.StartAsync();
        string[] settings = [$"--Influx:Url={victoria.Url}", "--Influx:Org=any", "--Influx:Bucket=any"];
        await StreamAsync(
            settings,
            async device =>
            {
                var (values, samples) = await victoria.ReadAsync(device);
                Assert.Equal(values.Count, samples);
                return values;
            }
        );
    }

    private static async Task StreamAsync(
        string[] settings,
        Func<string, Task<Dictionary<(string Series, long UnixMs), double>>> readDatabase
    )
    {
        await using var gateway = await GatewayProcess.StartAsync(settings);
        await using var first = new Streamer(gateway, await gateway.AddDeviceAsync("first"), seed: 1);
        await using var second = new Streamer(gateway, await gateway.AddDeviceAsync("second"), seed: 2);
        first.Start();
        second.Start();
        for (var kill = 0; kill < 3; kill++)
        {
            await first.UntilAcknowledgedAsync(20);
            await gateway.KillAsync();
            await gateway.ResumeAsync();
        }
        // Both are back after the last kill: a device that ends while it has no link keeps its rows for the next boot.
        await first.UntilAcknowledgedAsync(20);
        await second.UntilAcknowledgedAsync(20);
        await first.StopAsync();
        await second.StopAsync();
        await CompareAsync(gateway, first, "first", readDatabase);
        await CompareAsync(gateway, second, "second", readDatabase);

        // A second run of the same messages: the sink loses its place and stores everything again.
        await gateway.StopAsync();
        File.Delete(Path.Combine(gateway.Folder, "journal", "cursors", "influx"));
        await gateway.ResumeAsync();
        await Eventually.HoldsAsync("the sink has stored all again", async () => await LagAsync(gateway) == 0);
        await CompareAsync(gateway, first, "first", readDatabase);
    }

    private static async Task CompareAsync(
        GatewayProcess gateway,
        Streamer streamer,
        string device,
        Func<string, Task<Dictionary<(string Series, long UnixMs), double>>> readDatabase
    )
    {
        var sent = streamer.Sent();
        Assert.True(sent.Count > 100, $"only {sent.Count} values were sent");
        await Eventually.HoldsAsync(
            $"both sinks have caught up with '{device}'",
            async () => await LagAsync(gateway) == 0
        );
        Streamer.AssertSame(sent, await gateway.ReadHistoryAsync(device), "history");
        // A database may take a moment to show what it has taken.
        await Eventually.HoldsAsync(
            $"the database shows all of '{device}'",
            async () => (await readDatabase(device)).Count >= sent.Count
        );
        Streamer.AssertSame(sent, await readDatabase(device), "database");
    }

    private static async Task<double> LagAsync(GatewayProcess gateway)
    {
        var page = await gateway.Api.GetStringAsync("/metrics");
        var lags = page.Split('\n')
            .Where(line => line.StartsWith("iotgw_sink_lag_bytes{", StringComparison.Ordinal))
            .ToArray();
        Assert.Equal(2, lags.Length);
        return lags.Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..]));
    }
}
