using System.Net.Http.Json;
using System.Text.Json;
using EndToEnd.Tests;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Walks;

/// <summary>What must come of the walks "a sensor" and "a command", at a real gateway; run on a firmware that took them.</summary>
public sealed class WalkedBoard
{
    private const string Id = "cellar";

    public async Task StreamsAndObeysAsync()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;
        await using var device = new VirtualDevice(
            new VirtualDeviceOptions
            {
                Token = await gateway.AddDeviceAsync(Id),
                Gateway = gateway.Link,
                CaPem = await File.ReadAllTextAsync(gateway.CaPath),
                FlashDirectory = flash,
                SampleIntervalMs = 100,
                RowsPerMessage = 3,
            }
        );
        device.Start();
        try
        {
            IReadOnlyList<(long UnixMs, double Value)> rows = [];
            await Eventually.HoldsAsync(
                $"the float switch has rows in the history; fault: {device.Status.Fault}",
                async () => (rows = await gateway.ReadFieldAsync(Id, "tank", "full")).Count >= 3
            );
            // Nothing hangs on its pin, which reads high.
            Assert.All(rows, row => Assert.Equal(1, row.Value));

            Assert.Equal(("succeeded", """{"on":true}"""), await SendAsync(gateway, new { on = true }));
            Assert.Equal("refused", (await SendAsync(gateway, new { on = "yes" })).Status);
        }
        finally
        {
            // A board's own clock hears of no power cut.
            await device.StopAsync(CancellationToken.None);
            Directory.Delete(flash, recursive: true);
        }
    }

    private static async Task<(string? Status, string? Result)> SendAsync(GatewayProcess gateway, object arguments)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/devices/{Id}/commands")
        {
            Content = JsonContent.Create(new { name = "pump", arguments }),
        };
        request.Headers.Add("Prefer", "wait=20");
        using var answer = await gateway.Api.SendAsync(request);
        var report = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        return (
            report.GetProperty("status").GetString(),
            report.TryGetProperty("result", out var result) ? result.GetRawText() : null
        );
    }
}
