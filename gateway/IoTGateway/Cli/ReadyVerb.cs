using System.CommandLine;

namespace IoTGateway.Cli;

/// <summary><c>iotgw ready</c>: whether a gateway takes telemetry, for health checks where there is no other program.</summary>
internal static class ReadyVerb
{
    public static Command Create()
    {
        var verb = new Command("ready", "Exit code 0 while the gateway takes telemetry")
        {
            GatewayOptions.Gateway,
            GatewayOptions.Authority,
            GatewayOptions.Data,
        };
        verb.SetAction(RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken ending)
    {
        try
        {
            using var client = GatewayClient.Anonymous(result);
            await using var answer = await client.OpenAsync("/readyz", ending);
            using var reader = new StreamReader(answer);
            Console.Write(await reader.ReadToEndAsync(ending));
            return 0;
        }
        catch (GatewayException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return CommandLine.Failed;
        }
    }
}
