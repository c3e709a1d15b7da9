using System.Text.Json;
using IoTGateway.Cli;
using IoTGateway.Devices;
using IoTGateway.Tests.Gateway;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Tests.Sinks;

/// <summary>SQLite files that are damaged, or locked by another program.</summary>
public sealed class DatabaseFileTests
{
    private const int Messages = 40;
    private const int RowsEach = 30;

    private uint _epoch = 1;

    public static TheoryData<string> Damages => ["header", "middle", "half", "empty"];

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_history_is_put_aside_and_said_and_filled_again_from_the_journal(string damage)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using (var device = await LinkClient.OpenAsync(gateway, token))
        {
            for (var sequence = 1u; sequence <= Messages; sequence++)
                await device.SendAsync(House.Telemetry(1, sequence, House.Noon + (sequence * 100_000), Row(sequence)));
            await device.AcknowledgedAsync(1, Messages);
        }
        var before = await Readings.WaitAsync(gateway, "roof", "climate", "temperature", Messages * RowsEach);
        await gateway.RestartAsync(() => Damage(Path.Combine(gateway.Folder, "history.db"), damage));

        // What the start does not find, the next reader or the next row does.
        await Patience.UntilAsync(
            async () =>
            {
                await PointsAsync(gateway);
                await SendOneAsync(gateway, token);
                return (await gateway.Client.GetStringAsync("/readyz")).Contains("history.db was damaged");
            },
            "the gateway says so"
        );
        var aside = Assert.Single(Directory.GetFiles(gateway.Folder, "history.damaged-*.db"));
        Assert.Contains(
            gateway.LogLines,
            line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(aside)
        );
        Assert.Contains(aside, await gateway.Client.GetStringAsync("/readyz"));
        double[][] after = [];
        await Patience.UntilAsync(
            async () =>
                (after = [.. (await PointsAsync(gateway)).Where(point => point[0] > House.Noon)]).Length
                == before.Length,
            "all rows back"
        );
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task While_another_program_locks_the_history_devices_get_receipts_and_readyz_says_so_and_then_all_is_stored()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await SendOneAsync(gateway, token);
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 1);
        using (Lock(gateway))
        {
            await SendOneAsync(gateway, token);
            await Patience.UntilAsync(
                async () =>
                    (await gateway.Client.GetStringAsync("/readyz")).Contains("another program has locked the file"),
                "the reason in /readyz"
            );
            await Patience.UntilAsync(
                () =>
                    gateway.LogLines.Any(line =>
                        line.StartsWith("Warning", StringComparison.Ordinal) && line.Contains("locked")
                    ),
                "a warning"
            );
        }
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2);
        Assert.Empty(Directory.GetFiles(gateway.Folder, "history.damaged-*"));
    }

    [Fact]
    public async Task A_history_that_is_locked_at_the_start_keeps_no_gateway_from_starting()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        OtherProgram? held = null;
        await gateway.RestartAsync(() => held = Lock(gateway));
        await SendOneAsync(gateway, token);
        using (var answer = await gateway.Client.GetAsync("/api/devices"))
            Assert.Equal(503, (int)answer.StatusCode);
        await Patience.UntilAsync(
            async () =>
                (await gateway.Client.GetStringAsync("/readyz")).Contains("another program has locked the file"),
            "the reason in /readyz"
        );
        held?.Dispose();
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 1);
    }

    [Fact]
    public async Task A_registry_that_has_gone_while_telemetry_stayed_is_said_to_be_missed()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.DoesNotContain("control", await gateway.Client.GetStringAsync("/readyz"));
        await SendOneAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await gateway.RestartAsync();
        Assert.DoesNotContain("control", await gateway.Client.GetStringAsync("/readyz"));
        await gateway.RestartAsync(() =>
        {
            foreach (var file in Directory.GetFiles(gateway.Folder, "control.db*"))
                File.Delete(file);
        });
        Assert.Contains("control.db was not there", await gateway.Client.GetStringAsync("/readyz"));
        Assert.Contains(
            gateway.LogLines,
            line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("put it or its backup back")
        );
    }

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task A_damaged_registry_stops_the_start_with_words_and_stays_as_it_is(string damage)
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-control-").FullName;
        var path = Path.Combine(folder, "control.db");
        var registry = new DeviceRegistry(new ControlDatabase(folder), TimeProvider.System);
        for (var device = 0; device < 500; device++)
            await registry.AddAsync($"device-{device}", new string('n', 100), TestContext.Current.CancellationToken);
        SqliteConnection.ClearAllPools();
        Damage(path, damage);
        var damaged = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);

        var refused = Assert.Throws<IOException>(() => new ControlDatabase(folder));
        Assert.Contains(path, refused.Message);
        Assert.Contains("Put a backup in its place", refused.Message);
        Assert.Contains(".recover", refused.Message);
        var exit = await ServeVerb.RunAsync(
            [$"--Data:Path={folder}", "--Listen:Https=-1", "--Listen:Http=-1"],
            TestContext.Current.CancellationToken
        );
        Assert.Equal(CommandLine.Failed, exit);
        SqliteConnection.ClearAllPools();
        Assert.Equal(damaged, await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Damage_of_another_file_costs_the_history_nothing()
    {
        await using var gateway = await TestGateway.StartAsync();
        var history = gateway.Get<IoTGateway.Sinks.History.HistoryDatabase>();
        history.Suspect(new SqliteException("database disk image is malformed", 11));
        Assert.Null(history.Suspicion);
    }

    private static double[] Row(uint sequence) =>
        [.. Enumerable.Range(0, RowsEach).Select(row => Math.Round((sequence * 1.37) + (row * 0.11), 2))];

    /// <summary>Sends and gets its receipt, at House.Noon or before; each time another row.</summary>
    private async Task SendOneAsync(TestGateway gateway, string token)
    {
        _epoch++;
        await using var device = await LinkClient.OpenAsync(gateway, token, _epoch);
        await device.SendAsync(House.Telemetry(_epoch, 1, House.Noon - (_epoch * 1000), 5));
        await device.AcknowledgedAsync(_epoch, 1);
    }

    /// <summary>Nothing where the answer is an error.</summary>
    private static async Task<double[][]> PointsAsync(TestGateway gateway)
    {
        const string Query = "measurement=climate&field=temperature&from=0&to=9000000000000&points=20000";
        using var response = await gateway.Client.GetAsync($"/api/devices/roof/readings?{Query}");
        if (!response.IsSuccessStatusCode)
            return [];
        var json = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        return json.GetProperty("points").Deserialize<double[][]>() ?? [];
    }

    /// <summary>As a backup tool or a curious person may do it: nobody else reads or writes until it is closed.</summary>
    private static OtherProgram Lock(TestGateway gateway) => new(Path.Combine(gateway.Folder, "history.db"));

    private static void Damage(string path, string how)
    {
        var bytes = File.ReadAllBytes(path);
        File.Delete(path + "-wal");
        File.Delete(path + "-shm");
        var random = new Random(5);
        switch (how)
        {
            case "header":
                random.NextBytes(bytes.AsSpan(0, 100));
                break;
            case "middle":
                // Every page but the first: which of them are in use, nobody knows beforehand.
                random.NextBytes(bytes.AsSpan(4096));
                break;
            case "half":
                bytes = bytes[..(bytes.Length / 2)];
                break;
            default:
                bytes = [];
                break;
        }
        File.WriteAllBytes(path, bytes);
    }
}
