using System.Diagnostics;
using System.Net.Http.Json;

namespace EndToEnd.Tests;

/// <summary>What the firmware logs, seen in the terminal and in the history.</summary>
public sealed class WatchLogsTests
{
    [Fact]
    public async Task A_device_that_was_cut_off_says_so_on_its_next_link()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("porch"), seed: 1);
        var start = new ProcessStartInfo(
            "dotnet",
            [GatewayProcess.Dll, "watch", "porch", "--logs", "--data", gateway.Folder]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var watch = Process.Start(start) ?? throw new InvalidOperationException("dotnet does not start");
        try
        {
            device.Start();
            Assert.Contains("porch", await LineAsync(watch, "="), StringComparison.Ordinal);
            await DisableAsync(gateway, true);
            await DisableAsync(gateway, false);
            Assert.Contains("porch", await LineAsync(watch, "warning"), StringComparison.Ordinal);
        }
        finally
        {
            watch.Kill();
        }
        await Eventually.HoldsAsync(
            "the line is in the history",
            async () => (await gateway.GetAsync("/api/devices/porch/logs?level=warning")).GetArrayLength() > 0
        );
    }

    private static async Task DisableAsync(GatewayProcess gateway, bool disabled)
    {
        using var answer = await gateway.Api.PatchAsJsonAsync("/api/devices/porch", new { disabled });
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<string> LineAsync(Process process, string word)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var line = await process.StandardOutput.ReadLineAsync(limit.Token);
            Assert.NotNull(line);
            if (line.Contains(word, StringComparison.Ordinal))
                return line;
        }
    }
}
