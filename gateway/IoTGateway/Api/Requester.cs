namespace IoTGateway.Api;

/// <summary>Who asks over HTTP, as commands and settings remember it: by which way, and with whose key.</summary>
internal static class Requester
{
    /// <summary>What the command line calls itself.</summary>
    public const string CommandLineAgent = "iotgw-cli";

    /// <summary>Such as <c>api:admin</c> or <c>cli:command line</c>.</summary>
    public static string Of(HttpContext context)
    {
        // A browser says so by itself, whatever the page's script does (Fetch Metadata); nobody else does.
        var way =
            context.Request.Headers.ContainsKey("Sec-Fetch-Site") ? "dashboard"
            : context.Request.Headers.UserAgent.ToString().StartsWith(CommandLineAgent, StringComparison.Ordinal)
                ? "cli"
            : "api";
        return $"{way}:{context.User.Identity?.Name}";
    }
}
