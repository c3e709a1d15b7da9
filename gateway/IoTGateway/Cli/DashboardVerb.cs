using System.CommandLine;
using IoTGateway.Security;

namespace IoTGateway.Cli;

/// <summary><c>iotgw dashboard</c>: prints a link that signs a browser in, once.</summary>
internal static class DashboardVerb
{
    public static Command Create() =>
        new Command(
            "dashboard",
            "Print a link that signs a browser in to the dashboard, once, within ten minutes"
        ).Calling(PrintAsync);

    /// <summary>The ticket stands behind '#': browsers send that to nobody, so that no log ever has it.</summary>
    public static Uri Link(Uri gateway, string ticket) => new(gateway, $"{SessionAuthentication.SignInPath}#{ticket}");

    /// <summary>A new one to the gateway that runs in this process.</summary>
    public static Uri Link(WebApplication app) =>
        Link(Addresses.Of(app).Local, app.Services.GetRequiredService<SignInTickets>().Issue(ApiKeys.AdminName));

    private static async Task<int> PrintAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var answer = await client.CallAsync(HttpMethod.Post, "/api/sign-in-tickets", null, ending);
        // The contract of the API: there is one.
        var link = Link(client.Address, answer.GetProperty("ticket").GetString()!);
        Console.WriteLine(result.GetValue(GatewayOptions.Json) ? $$"""{"link":"{{link}}"}""" : link.ToString());
        return 0;
    }
}
