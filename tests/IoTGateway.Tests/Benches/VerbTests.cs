using System.Text.Json;

namespace IoTGateway.Tests.Benches;

/// <summary>Verbs of the bench in the shortest form: they run, lose nothing, and write what they found for programs.</summary>
public sealed class VerbTests : IDisposable
{
    private readonly string _json = Path.GetTempFileName();

    public void Dispose() => File.Delete(_json);

    [Fact]
    public async Task Journal_tells_what_share_of_the_raw_loop_each_load_reaches()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The raw loop calls fdatasync.");
        var costs = await RunAsync("costs", "journal", "--in-hand", "1", "64", "--rounds", "1", "--milliseconds", "50");
        Assert.Equal([1, 64], costs.EnumerateArray().Select(cost => cost.GetProperty("inHand").GetInt32()));
        Assert.All(costs.EnumerateArray(), cost => Assert.True(cost.GetProperty("ofRaw").GetDouble() > 0));
        Assert.True(
            costs[1].GetProperty("messagesPerSync").GetDouble() > costs[0].GetProperty("messagesPerSync").GetDouble()
        );
    }

    [Fact]
    public async Task Commands_all_succeed_however_many_ask_at_once()
    {
        var latencies = await RunAsync("latencies", "commands", "--devices", "4", "--count", "40");
        Assert.Equal([1, 8, 32, 128], latencies.EnumerateArray().Select(one => one.GetProperty("callers").GetInt32()));
        Assert.All(latencies.EnumerateArray(), one => Assert.Equal(0, one.GetProperty("failures").GetInt32()));
        Assert.All(
            latencies.EnumerateArray(),
            one => Assert.InRange(one.GetProperty("medianMs").GetDouble(), 0, one.GetProperty("p99Ms").GetDouble())
        );
    }

    [Fact]
    public async Task Influx_misses_no_line_of_any_way_to_send()
    {
        var costs = await RunAsync(
            "costs",
            "influx",
            "--databases",
            "sink",
            "--devices",
            "3",
            "--lines",
            "20000",
            "--rounds",
            "1",
            "--seconds",
            "0"
        );
        Assert.Equal(5, costs.GetArrayLength());
        Assert.All(costs.EnumerateArray(), cost => Assert.Equal(0, cost.GetProperty("missing").GetInt64()));
    }

    [Fact]
    public async Task Grow_makes_the_history_as_long_as_it_says()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "It lets the kernel forget files.");
        HouseFile.SkipWithout();
        var costs = await RunAsync("history", "grow", "--devices", "0", "--houses", "2", "--months", "1", "4");
        Assert.Equal([1, 4], costs.EnumerateArray().Select(cost => cost.GetProperty("months").GetInt32()));
        var megabytes = costs.EnumerateArray().Select(cost => cost.GetProperty("megabytes").GetDouble()).ToArray();
        Assert.InRange(megabytes[1] / megabytes[0], 3, 5);
    }

    private async Task<JsonElement> RunAsync(string result, params string[] arguments)
    {
        Assert.Equal(0, await IoTGateway.Bench.Program.Main([.. arguments, "--json", _json]));
        var report = JsonElement.Parse(await File.ReadAllTextAsync(_json, TestContext.Current.CancellationToken));
        Assert.Equal(arguments[0], report.GetProperty("verb").GetString());
        Assert.True(report.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
        return report.GetProperty(result);
    }
}
