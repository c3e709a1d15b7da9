using System.CommandLine;

namespace IoTGateway.Cli;

/// <summary>The options of every verb that talks to a gateway.</summary>
internal static class GatewayOptions
{
    public static readonly Option<Uri?> Gateway = new("--gateway")
    {
        Description = "Address of the gateway (default: the one of the data folder, else http://127.0.0.1:8080)",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return url;
            result.AddError(
                $"--gateway is '{result.Tokens[0].Value}': give an address such as https://gateway.example:8443"
            );
            return null;
        },
    };

    public static readonly Option<string?> Key = new("--key")
    {
        Description = "API key (default: the environment's IOTGW_KEY, else one lent by the data folder)",
    };

    public static readonly Option<FileInfo?> Authority = new("--ca")
    {
        Description = "PEM file of the CA that signed the gateway's certificate (default: ca.pem of the data folder)",
    };

    public static readonly Option<string> Data = new("--data")
    {
        Description = "Data folder of a gateway on this machine",
        DefaultValueFactory = _ => LocalGateway.DataFolder,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Print JSON, for programs" };

    /// <summary>Adds them to a verb, and gives its action a client and a way to say what went wrong.</summary>
    public static Command Calling(
        this Command verb,
        Func<ParseResult, GatewayClient, CancellationToken, Task<int>> action
    )
    {
        verb.Add(Gateway);
        return verb.Calling(_ => null, action);
    }

    /// <summary>The same for a verb that has its own say on where the API is.</summary>
    public static Command Calling(
        this Command verb,
        Func<ParseResult, Uri?> address,
        Func<ParseResult, GatewayClient, CancellationToken, Task<int>> action
    )
    {
        foreach (var option in new Option[] { Key, Authority, Data, Json })
            verb.Add(option);
        verb.SetAction(
            async (result, ending) =>
            {
                try
                {
                    using var client = GatewayClient.Create(result, address(result));
                    return await action(result, client, ending);
                }
                catch (GatewayException e)
                {
                    await Console.Error.WriteLineAsync(e.Message);
                    return CommandLine.Failed;
                }
                catch (OperationCanceledException) when (ending.IsCancellationRequested)
                {
                    return 0;
                }
            }
        );
        return verb;
    }
}
