using System.Text.Json;
using IoTGateway.Cli.Provisioning;

namespace IoTGateway.Cli;

internal static partial class ProvisionVerb
{
    private static async Task<(string Token, string Said)> TokenAsync(
        string device,
        ProvisioningFiles files,
        bool rotate,
        GatewayClient client,
        CancellationToken ending
    )
    {
        if (!rotate && files.FindToken(device) is { } known)
            return (known, $"{device} keeps the token in {files.Config}.");
        var answer = rotate
            ? await client.CallAsync(HttpMethod.Post, $"{DeviceVerbs.PathOf(device)}/token", null, ending)
            : await RegisterAsync(device, client, ending);
        var token = answer.GetProperty("token").GetString()!; // by the API's contract
        return (token, rotate ? $"{device} has a new token; the old one has ended." : $"{device} is registered.");
    }

    private static async Task<JsonElement> RegisterAsync(string device, GatewayClient client, CancellationToken ending)
    {
        try
        {
            return await client.CallAsync(HttpMethod.Post, "/api/devices", new { id = device }, ending);
        }
        catch (GatewayException e) when (e.Status == System.Net.HttpStatusCode.Conflict)
        {
            throw new GatewayException(
                $"'{device}' exists already, and its token is not here: --rotate gives it a new one, and the old one ends at once."
            );
        }
    }
}
