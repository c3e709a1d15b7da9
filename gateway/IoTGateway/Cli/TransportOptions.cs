using System.CommandLine;
using IoTGateway.VirtualDevice;

namespace IoTGateway.Cli;

/// <summary>Which way a device's messages go, as <c>simulate</c> and <c>provision</c> are told.</summary>
internal static class TransportOptions
{
    private const int MostSeconds = 3_600;

    private static readonly Dictionary<string, VirtualTransport> ByName = new(StringComparer.Ordinal)
    {
        ["auto"] = VirtualTransport.Auto,
        ["websocket"] = VirtualTransport.WebSocket,
        ["long-polling"] = VirtualTransport.LongPolling,
        ["polling"] = VirtualTransport.Polling,
    };

    private static string Names => string.Join(", ", ByName.Keys);

    public static Option<string?> Transport { get; } =
        new("--transport")
        {
            Description =
                $"Which way messages go: {Names}; auto is the WebSocket, and long polling where a proxy breaks that",
        };

    public static Option<double?> PollSeconds { get; } =
        new("--poll-seconds")
        {
            Description =
                $"By polling: how often commands are asked for while there is nothing to send, 1 to {MostSeconds}",
        };

    /// <summary>The name given, or null.</summary>
    public static string? Name(ParseResult result)
    {
        var name = result.GetValue(Transport);
        return name is null || ByName.ContainsKey(name)
            ? name
            : throw new GatewayException($"--transport is {name}: allowed are {Names}.");
    }

    public static VirtualTransport Of(ParseResult result) =>
        Name(result) is { } name ? ByName[name] : VirtualTransport.Auto;

    /// <summary>The interval given, or null.</summary>
    public static TimeSpan? PollInterval(ParseResult result)
    {
        if (result.GetValue(PollSeconds) is not { } seconds)
            return null;
        if (!(seconds is >= 1 and <= MostSeconds))
            throw new GatewayException($"--poll-seconds is {seconds}: allowed are 1 to {MostSeconds}.");
        return Name(result) == "polling"
            ? TimeSpan.FromSeconds(seconds)
            : throw new GatewayException("--poll-seconds belongs to --transport polling.");
    }
}
