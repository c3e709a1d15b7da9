using System.Text;
using System.Text.Json;

namespace IoTGateway.Tests.Gateway;

/// <summary>Calls of <c>/api/devices/{id}/commands</c>.</summary>
internal static class CommandCalls
{
    public static async Task<(int Status, JsonElement Report)> PostAsync(
        TestGateway gateway,
        string device,
        string json,
        int wait = 0
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/devices/{device}/commands");
        request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (wait > 0)
            request.Headers.Add("Prefer", $"wait={wait}");
        using var response = await gateway.Client.SendAsync(request);
        return ((int)response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    public static async Task<string?> StatusAsync(TestGateway gateway, string device, JsonElement command) =>
        JsonElement
            .Parse(
                await gateway.Client.GetStringAsync(
                    $"/api/devices/{device}/commands/{command.GetProperty("id").GetString()}"
                )
            )
            .GetProperty("status")
            .GetString();
}
