using System.Net;
using IoTGateway.Security;

namespace IoTGateway.Cli;

internal static partial class SimulateVerb
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(30);

    private static async Task<IReadOnlyList<string>> ReadTokensAsync(FileInfo file, int devices, CancellationToken stop)
    {
        if (!file.Exists)
            throw new GatewayException(
                $"There is no file {file.FullName}: --token-file has one device's token a line."
            );
        var lines = await File.ReadAllLinesAsync(file.FullName, stop);
        string[] tokens = [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (tokens.Length < devices)
            throw new GatewayException(
                $"{file.FullName} has {tokens.Length} tokens for {devices} devices: one a line, or fewer --devices."
            );
        return tokens[..devices];
    }

    private static async Task<IReadOnlyList<string>> RegisterAsync(
        GatewayClient client,
        int devices,
        List<string> registered,
        CancellationToken stop
    )
    {
        // A run of its own, so that two at a time do not meet.
        var run = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(3));
        var tokens = new List<string>(devices);
        for (var i = 1; i <= devices; i++)
        {
            var id = $"sim-{run}-{i:D4}";
            var answer = await client.CallAsync(HttpMethod.Post, "/api/devices", new { id }, stop);
            registered.Add(id);
            tokens.Add(answer.GetProperty("token").GetString()!); // by the API's contract
        }
        return tokens;
    }

    private static async Task RemoveAsync(GatewayClient client, List<string> registered)
    {
        using var limit = new CancellationTokenSource(CleanUpLimit, TimeProvider.System);
        try
        {
            foreach (var id in registered)
                await client.CallAsync(HttpMethod.Delete, DeviceVerbs.PathOf(id), null, limit.Token);
        }
        catch (Exception e) when (e is GatewayException or OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                $"The simulated devices {registered[0]} to {registered[^1]} could not all be removed: {e.Message} 'iotgw device remove' does it."
            );
        }
    }
}
