using System.Collections.Concurrent;
using System.Text.Json;
using IoTGateway.VirtualDevice;

namespace EndToEnd.Tests;

/// <summary>Settings, from the command line to the sampler of a device over wss, and over restarts of both.</summary>
public sealed class DeviceSettingsTests
{
    [Fact]
    public async Task A_sample_interval_is_changed_rows_come_at_it_and_still_do_after_both_have_restarted()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var rows = new ConcurrentQueue<VirtualRow>();
        var flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;
        var token = await gateway.AddDeviceAsync("attic");
        await using (var device = new VirtualDevice(Options(gateway, token, flash, rows.Enqueue)))
        {
            device.Start();
            await RowsAtAsync(rows, 100);

            var changed = await RunAsync(gateway, "attic", """{"sampleIntervalMs":400}""");
            Assert.True(changed.ExitCode == 0, changed.Output);
            await Eventually.HoldsAsync("the device applies what is desired", async () => !await DifferAsync(gateway));
            await RowsAtAsync(rows, 400);

            await gateway.KillAsync();
            device.CutPower();
            await gateway.ResumeAsync();
            Assert.False(await DifferAsync(gateway));
            device.Start();
            await RowsAtAsync(rows, 400);

            await RunAsync(gateway, "attic", """{"sampleIntervalMs":5}""");
            await Eventually.HoldsAsync(
                "the device says why it does not take this",
                async () =>
                    (await RunAsync(gateway, "attic")).Output.Contains("100 to 3600000", StringComparison.Ordinal)
            );
            Assert.True(await DifferAsync(gateway));
        }
        Directory.Delete(flash, recursive: true);
    }

    [Fact]
    public async Task Send_shows_each_step_and_who_took_it()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("attic"), seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(3);
        var run = await ProgramRun.StartAsync(
            "dotnet",
            [GatewayProcess.Dll, "send", "attic", "led", """{"on":true}""", "--wait", "20", "--data", gateway.Folder]
        );
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(
            """(?s)queued +cli:command line.* sent +gateway.* succeeded +device.*\{"on":true\}""",
            run.Output
        );
    }

    /// <summary>Waits for rows that are this far apart: the last four gaps, of which one may be late.</summary>
    private static async Task RowsAtAsync(ConcurrentQueue<VirtualRow> rows, int milliseconds)
    {
        rows.Clear();
        await Eventually.HoldsAsync(
            $"rows come every {milliseconds} ms",
            () =>
            {
                var times = rows.Where(row => row.Measurement == "climate").Select(row => row.TimeMs).ToArray();
                var gaps = times.Zip(times.Skip(1), (a, b) => b - a).TakeLast(4).ToArray();
                return Task.FromResult(gaps.Length == 4 && gaps.Count(gap => Math.Abs(gap - milliseconds) < 60) >= 3);
            }
        );
    }

    private static async Task<bool> DifferAsync(GatewayProcess gateway) =>
        (await gateway.GetAsync("/api/devices/attic")).GetProperty("settingsDiffer").GetBoolean();

    private static Task<ProgramRun> RunAsync(GatewayProcess gateway, params string[] arguments) =>
        ProgramRun.StartAsync(
            "dotnet",
            [GatewayProcess.Dll, "device", "settings", .. arguments, "--data", gateway.Folder]
        );

    private static VirtualDeviceOptions Options(
        GatewayProcess gateway,
        string token,
        string flash,
        Action<VirtualRow> onRow
    ) =>
        new()
        {
            Token = token,
            Gateway = gateway.Link,
            CaPem = File.ReadAllText(gateway.CaPath),
            FlashDirectory = flash,
            SampleIntervalMs = 100,
            RowsPerMessage = 2,
            BackoffBase = TimeSpan.FromMilliseconds(100),
            BackoffCap = TimeSpan.FromMilliseconds(500),
            Seed = 1,
            OnRow = onRow,
        };
}
