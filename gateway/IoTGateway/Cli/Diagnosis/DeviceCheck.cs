using System.Net;
using System.Text.Json;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>What the gateway knows of one device.</summary>
internal static class DeviceCheck
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromMinutes(1);

    public static async Task<IReadOnlyList<Finding>> RunAsync(GatewayClient client, string id, CancellationToken cancel)
    {
        try
        {
            var device = await client.CallAsync(HttpMethod.Get, DeviceVerbs.PathOf(id), null, cancel);
            return [.. Judge(device, id)];
        }
        catch (GatewayException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return
            [
                Finding.Bad(
                    "device",
                    $"the gateway knows no device '{id}'",
                    $"'iotgw device add {id}' registers it and prints its token; 'iotgw device list' shows those there are."
                ),
            ];
        }
        catch (GatewayException e)
        {
            return [Finding.Doubtful("device", $"'{id}' could not be looked up", e.Message)];
        }
    }

    /// <summary>Judges a device as the API shows it.</summary>
    internal static IEnumerable<Finding> Judge(JsonElement device, string id)
    {
        if (device.GetProperty("disabled").GetBoolean())
            yield return Finding.Bad("device", $"'{id}' is disabled", $"'iotgw device enable {id}' lets it in again.");
        var presence = device.GetProperty("presence");
        if (presence.GetProperty("online").GetBoolean())
            yield return Finding.Good("device", $"'{id}' is connected");
        else if (presence.GetProperty("since") is { ValueKind: JsonValueKind.Number } since)
            yield return Finding.Doubtful(
                "device",
                $"'{id}' is away since {DateTimeOffset.FromUnixTimeMilliseconds(since.GetInt64()):u} ({presence.GetProperty("lastEnd")})",
                "Has it power and network? Its serial port says what it tries ('iotgw watch --logs' shows what it logged before)."
            );
        else
            yield return Finding.Doubtful(
                "device",
                $"'{id}' was never here",
                "Has the board this gateway's address, its ca.pem and the token? 'iotgw provision' writes all three."
            );
        if (
            device.GetProperty("clockSkewMs") is { ValueKind: JsonValueKind.Number } skew
            && TimeSpan.FromMilliseconds(skew.GetInt64()) is var apart
            && apart.Duration() > MostSkew
        )
            yield return Finding.Bad(
                "clock",
                $"the clock of '{id}' is {GatewayCheck.Span(apart)} {(apart > TimeSpan.Zero ? "ahead" : "behind")}",
                "Its rows carry wrong times. Give it a reachable time server (NTP, UDP port 123); without one it counts from its boot, which the gateway puts right."
            );
    }
}
