using System.Text.Json;

namespace IoTGateway.Tests.Gateway;

/// <summary>What the API says of a device.</summary>
internal static class Presence
{
    public static async Task<JsonElement> DeviceAsync(TestGateway gateway, string device) =>
        JsonElement.Parse(await gateway.Client.GetStringAsync($"/api/devices/{device}"));

    public static async Task<bool> IsOnlineAsync(TestGateway gateway, string device) =>
        (await DeviceAsync(gateway, device)).GetProperty("presence").GetProperty("online").GetBoolean();

    public static Task OfflineAsync(TestGateway gateway, string device) =>
        Patience.UntilAsync(async () => !await IsOnlineAsync(gateway, device), $"{device} to be offline");
}
