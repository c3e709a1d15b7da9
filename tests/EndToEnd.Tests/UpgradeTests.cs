using System.Formats.Tar;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;
using IoTGateway.Tests;

namespace EndToEnd.Tests;

/// <summary>This version on data folders that earlier ones have written and were killed over (tests/upgrade).</summary>
public sealed class UpgradeTests
{
    /// <summary>Names one more recording, such as of the commit before (.ci/upgrade).</summary>
    private const string OneMore = "IOTGW_UPGRADE_RECORDING";

    private static readonly string Kept = Path.Combine(RepositoryRoot.Path, "tests/upgrade");

    public static TheoryData<string> Recorded
    {
        get
        {
            var recorded = new TheoryData<string>(
                Directory.GetFiles(Kept, "*.tar.gz").Select(path => Path.GetFileName(path))
            );
            if (Environment.GetEnvironmentVariable(OneMore) is { Length: > 0 } path)
                recorded.Add(Path.GetFullPath(path));
            return recorded;
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task An_upgrade_keeps_rows_devices_commands_settings_alarms_keys_and_trust(string recorded)
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-upgrade-").FullName;
        try
        {
            await ExtractAsync(recorded, folder);
            var data = Path.Combine(folder, "data");
            var ca = await File.ReadAllTextAsync(Path.Combine(data, "ca.pem"));
            // All of it is as old as the recording.
            await using var gateway = await GatewayProcess.StartInAsync(
                data,
                "--History:Retention=36500.00:00:00",
                "--Commands:Keep=3650.00:00:00"
            );
            foreach (var expected in Directory.GetFiles(Path.Combine(folder, "expected")))
                await CompareAsync(gateway, expected);
            foreach (var answer in Answers(folder))
            {
                var path = $"/api/{Path.GetFileName(answer).Replace('+', '/')}";
                var now = await gateway.GetAsync(path);
                Assert.True(
                    Holds(JsonElement.Parse(await File.ReadAllTextAsync(answer)), now),
                    $"{path} was {await File.ReadAllTextAsync(answer)}, and is {now.GetRawText()}"
                );
            }
            Assert.Equal(ca, await File.ReadAllTextAsync(gateway.CaPath));
            foreach (var token in await File.ReadAllLinesAsync(Path.Combine(folder, "tokens")))
                Assert.Equal(101, await HandshakeAsync(gateway, token));
            // And it goes on.
            await using var device = new Streamer(gateway, await gateway.AddDeviceAsync("third"), seed: 1);
            device.Start();
            await device.UntilAcknowledgedAsync(3);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>None from before there was anything of the kind.</summary>
    private static string[] Answers(string folder) =>
        Directory.Exists(Path.Combine(folder, "answers")) ? Directory.GetFiles(Path.Combine(folder, "answers")) : [];

    /// <summary>Whether all that was said is said still; there may be more.</summary>
    private static bool Holds(JsonElement then, JsonElement now) =>
        then.ValueKind switch
        {
            JsonValueKind.Object => then.EnumerateObject()
                .All(one => now.TryGetProperty(one.Name, out var same) && Holds(one.Value, same)),
            JsonValueKind.Array => then.GetArrayLength() == now.GetArrayLength()
                && then.EnumerateArray().Zip(now.EnumerateArray(), Holds).All(holds => holds),
            _ => JsonElement.DeepEquals(then, now),
        };

    private static async Task ExtractAsync(string recorded, string folder)
    {
        await using var file = File.OpenRead(Path.Combine(Kept, recorded));
        await using var zip = new GZipStream(file, CompressionMode.Decompress);
        await TarFile.ExtractToDirectoryAsync(zip, folder, overwriteFiles: false);
    }

    private static async Task CompareAsync(GatewayProcess gateway, string expected)
    {
        var name = Path.GetFileNameWithoutExtension(expected);
        var (device, series) = (name[..name.IndexOf('-')], name[(name.IndexOf('-') + 1)..]);
        var (measurement, field) = (series[..series.IndexOf('_')], series[(series.IndexOf('_') + 1)..]);
        var csv = await File.ReadAllTextAsync(expected);
        Assert.True(csv.Split("\r\n").Length > 10, $"{name} has next to nothing");
        var path = $"/api/devices/{device}/readings?measurement={measurement}&field={field}&from=0";
        // What had not come as far as the history is stored from the journal now: nothing is missing, more may be there.
        await Eventually.HoldsAsync(
            $"{name} is as it was",
            async () =>
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Accept.ParseAdd("text/csv");
                using var answer = await gateway.Api.SendAsync(request);
                return (await answer.Content.ReadAsStringAsync()).StartsWith(csv, StringComparison.Ordinal);
            }
        );
    }

    private static async Task<int> HandshakeAsync(GatewayProcess gateway, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/doctor");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var answer = await gateway.Api.SendAsync(request);
        return JsonElement
            .Parse(await answer.Content.ReadAsStringAsync())
            .GetProperty("handshake")
            .GetProperty("status")
            .GetInt32();
    }
}
