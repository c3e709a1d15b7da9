using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace EndToEnd.Tests;

/// <summary>A backup under load, and a gateway that goes on from it.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-backup-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string File => Path.Combine(_folder, "iotgw.tar");

    [Fact]
    public async Task A_restored_gateway_has_every_row_acknowledged_before_the_backup_and_its_devices_go_on()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var first = new Streamer(gateway, await gateway.AddDeviceAsync("first"), seed: 1);
        await using var second = new Streamer(gateway, await gateway.AddDeviceAsync("second"), seed: 2);
        first.Start();
        second.Start();
        await first.UntilAcknowledgedAsync(60);
        await second.UntilAcknowledgedAsync(20);

        var before = (first.Status.RowsAcknowledged, second.Status.RowsAcknowledged);
        await RunAsync("backup", File, "--data", gateway.Folder);
        await first.UntilAcknowledgedAsync(30);
        // While it runs: it goes on with what it has, and takes the backup at its next start.
        var staged = await RunAsync("restore", File, "--data", gateway.Folder);
        Assert.Contains("at its next start", staged.Output, StringComparison.Ordinal);
        await first.UntilAcknowledgedAsync(10);
        await gateway.KillAsync();
        var after = (first.Rows.Count, second.Rows.Count);
        await gateway.ResumeAsync();

        // Both link again, without a word from anybody, and everything from then on arrives.
        await first.UntilAcknowledgedAsync(20);
        await second.UntilAcknowledgedAsync(20);
        await first.StopAsync();
        await second.StopAsync();
        await gateway.UntilStoredAsync("first", "history");
        await gateway.UntilStoredAsync("second", "history");
        await CompareAsync(gateway, "first", first, before.Item1, after.Item1);
        await CompareAsync(gateway, "second", second, before.Item2, after.Item2);
        Assert.NotEmpty(Directory.GetDirectories(gateway.Folder, "before-restore-*"));
        Assert.Empty(Directory.GetDirectories(gateway.Folder, "restore-*"));
    }

    [Fact]
    public async Task A_restored_gateway_has_every_command_that_was_answered()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using (var device = new Streamer(gateway, await gateway.AddDeviceAsync("first"), seed: 1))
        {
            device.Start();
            await device.UntilAcknowledgedAsync(1);
            var done = await SendAsync(gateway, "led", ttlSeconds: 30);
            await Eventually.HoldsAsync(
                "the device has run it",
                async () => await StatusAsync(gateway, done) == "succeeded"
            );
            await device.StopAsync();
            await Eventually.HoldsAsync("the device is away", async () => !await IsOnlineAsync(gateway));
            var waiting = await SendAsync(gateway, "led", ttlSeconds: 3600);
            await RunAsync("backup", File, "--data", gateway.Folder);
            await gateway.KillAsync();
            await RunAsync("restore", File, "--data", gateway.Folder);
            await gateway.ResumeAsync();
            Assert.Equal("succeeded", await StatusAsync(gateway, done));
            Assert.Equal("queued", await StatusAsync(gateway, waiting));
        }
    }

    [Fact]
    public async Task A_backup_goes_to_an_empty_machine_with_devices_keys_and_CA()
    {
        var elsewhere = Path.Combine(_folder, "elsewhere");
        string token,
            ca;
        await using (var gateway = await GatewayProcess.StartAsync())
        {
            token = await gateway.AddDeviceAsync("roof");
            ca = await System.IO.File.ReadAllTextAsync(gateway.CaPath);
            await RunAsync("backup", File, "--data", gateway.Folder);
        }
        var restored = await RunAsync("restore", File, "--data", elsewhere);
        Assert.Contains("is restored", restored.Output, StringComparison.Ordinal);
        Assert.Equal(ca, await System.IO.File.ReadAllTextAsync(Path.Combine(elsewhere, "ca.pem")));
        await using var moved = await GatewayProcess.StartInAsync(elsewhere);
        await using var device = new Streamer(moved, token, seed: 1);
        device.Start();
        await device.UntilAcknowledgedAsync(1);
    }

    private static async Task<bool> IsOnlineAsync(GatewayProcess gateway) =>
        (await gateway.GetAsync("/api/devices/first")).GetProperty("presence").GetProperty("online").GetBoolean();

    /// <summary>All that was acknowledged before the backup is there; what is not there was acknowledged between it and the end.</summary>
    private static async Task CompareAsync(
        GatewayProcess gateway,
        string device,
        Streamer streamer,
        long acknowledged,
        int sealedAtTheEnd
    )
    {
        var stored = await gateway.ReadHistoryAsync(device);
        var rows = streamer.Rows;
        for (var i = 0; i < rows.Count; i++)
        {
            if (i >= acknowledged && i < sealedAtTheEnd)
                continue;
            foreach (var (series, value) in Streamer.Values(rows[i]))
            {
                Assert.True(stored.TryGetValue(series, out var there), $"row {i} of {rows.Count}: {series} is missing");
                Assert.Equal(value, there);
            }
        }
        Assert.Empty(stored.Keys.Except(streamer.Sent().Keys));
    }

    private static async Task<string> SendAsync(GatewayProcess gateway, string name, int ttlSeconds)
    {
        using var answer = await gateway.Api.PostAsJsonAsync(
            "/api/devices/first/commands",
            new
            {
                name,
                arguments = new { on = true },
                ttlSeconds,
            }
        );
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!; // by contract
    }

    private static async Task<string?> StatusAsync(GatewayProcess gateway, string command)
    {
        var found = await gateway.GetAsync($"/api/devices/first/commands/{command}");
        return found.GetProperty("status").GetString();
    }

    private static async Task<ProgramRun> RunAsync(params string[] arguments)
    {
        var run = await ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, .. arguments]);
        Assert.True(run.ExitCode == 0, run.Output);
        return run;
    }
}
