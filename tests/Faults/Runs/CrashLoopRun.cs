using EndToEnd.Tests;

namespace IoTGateway.Faults.Runs;

/// <summary>A gateway that is killed again and again says so at its start, until it has ended in order once.</summary>
internal static class CrashLoopRun
{
    public static async Task RunAsync(Action<string> print, int kills)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        Assert.DoesNotContain("ended without a stop", gateway.Output, StringComparison.Ordinal);
        for (var kill = 1; kill <= kills; kill++)
        {
            await gateway.KillAsync();
            await gateway.ResumeAsync();
            await Await.UntilAsync(
                $"the start says that {kill} runs in a row ended without a stop",
                TimeSpan.FromSeconds(5),
                () => gateway.Output.Contains($"{kill} in a row now", StringComparison.Ordinal)
            );
            Assert.Contains("records read through", gateway.Output, StringComparison.Ordinal);
            Assert.Equal(kill, await gateway.MetricAsync("iotgw_runs_cut_short"));
        }
        print(
            gateway.Output.Split('\n').First(line => line.Contains("ended without a stop", StringComparison.Ordinal))
        );
        await gateway.StopAsync();
        await gateway.ResumeAsync();
        Assert.Equal(0, await gateway.MetricAsync("iotgw_runs_cut_short"));
        Assert.DoesNotContain("ended without a stop", gateway.Output, StringComparison.Ordinal);
    }
}
