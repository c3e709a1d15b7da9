using System.CommandLine.Parsing;

namespace IoTGateway.Cli;

/// <summary>Where devices connect: <c>ws://</c> or <c>wss://</c>, by default at <c>/v1/link</c>.</summary>
internal static class LinkAddress
{
    private const string Path = "/v1/link";

    /// <summary>The link of a gateway whose API is at an address.</summary>
    public static Uri Of(Uri api) =>
        new UriBuilder(api) { Scheme = api.Scheme == Uri.UriSchemeHttps ? "wss" : "ws", Path = Path }.Uri;

    /// <summary>Where the API of a link's gateway is.</summary>
    public static Uri Api(Uri link) =>
        new UriBuilder(link) { Scheme = link.Scheme == "wss" ? "https" : "http", Path = "/" }.Uri;

    public static Uri? Parse(ArgumentResult result, string option)
    {
        var text = result.Tokens[0].Value;
        if (
            Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "ws" or "wss"
            && url.UserInfo.Length == 0
        )
            return url.AbsolutePath == "/" ? new UriBuilder(url) { Path = Path }.Uri : url;
        result.AddError($"{option} is '{text}': give an address such as wss://gateway.example:8443");
        return null;
    }
}
