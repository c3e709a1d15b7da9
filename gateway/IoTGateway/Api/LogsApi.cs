using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Sinks.History;

namespace IoTGateway.Api;

/// <summary><c>/api/devices/{id}/logs</c>: what a device's firmware said, from the history.</summary>
internal static class LogsApi
{
    private const int DefaultLimit = 100;

    public static void MapLogs(this IEndpointRouteBuilder api) =>
        api.MapGet("/devices/{id}/logs", Read)
            .WithTags("Logs")
            .WithSummary("The newest lines of a device's log at or above a level, oldest first");

    private static IResult Read(
        string id,
        DeviceRegistry registry,
        HistoryQuery history,
        string? level = null,
        string? from = null,
        string? to = null,
        int limit = DefaultLimit
    )
    {
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        byte least = 0;
        if (!string.IsNullOrEmpty(level) && !LogLine.TryLevel(level, out least))
            return Problems.BadRequest($"'level' is one of {LogLine.AllLevels}; lines of it and above are told.");
        if (
            !TimeParameter.TryRead(from, 0, out var fromMs)
            || !TimeParameter.TryRead(to, ProtocolLimits.LatestUnixMs, out var toMs)
        )
            return Problems.BadRequest(TimeParameter.Rule);
        if (fromMs > toMs)
            return Problems.BadRequest("'from' is after 'to'.");
        if (limit is < 1 or > NoteWriter.MostLogLines)
            return Problems.BadRequest($"'limit' is 1 to {NoteWriter.MostLogLines}.");
        return TypedResults.Ok(history.Logs(id, least, fromMs, toMs, limit).Select(LogReport.Of));
    }
}

/// <summary>A line of a device's log.</summary>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Level">trace, debug, information, warning, error or critical.</param>
/// <param name="Category">Part of the firmware that speaks.</param>
/// <param name="Message">What it says.</param>
internal sealed record LogReport(long Time, string Level, string Category, string Message)
{
    public static LogReport Of(LogLine line) => new(line.UnixMs, line.LevelName, line.Category, line.Message);
}
