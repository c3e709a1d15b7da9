using System.Text;
using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Sinks.History;

namespace IoTGateway.Api;

/// <summary><c>/api/devices/{id}/readings</c>: one field over time, from the history.</summary>
internal static class ReadingsApi
{
    private const int DefaultPoints = 500;
    private const int MostPoints = 20_000;
    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);

    public static void MapReadings(this IEndpointRouteBuilder api) =>
        api.MapGet("/devices/{id}/readings", Read)
            .WithTags("Readings")
            .WithSummary(
                "One field over time; points down-samples to the lowest and highest of each step, 'Accept: text/csv' streams every one"
            );

    private static IResult Read(
        string id,
        HttpContext context,
        DeviceRegistry registry,
        HistoryQuery history,
        TimeProvider time,
        string? measurement = null,
        string? field = null,
        string? from = null,
        string? to = null,
        int points = DefaultPoints
    )
    {
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        if (string.IsNullOrEmpty(measurement) || string.IsNullOrEmpty(field))
            return Problems.BadRequest($"Give 'measurement' and 'field'. '{id}' has: {Known(history, id)}.");
        // Without 'to' there is no end: a device whose clock runs ahead is no less live.
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (
            !TimeParameter.TryRead(to, ProtocolLimits.LatestUnixMs, out var toMs)
            || !TimeParameter.TryRead(
                from,
                Math.Max(0, Math.Min(now, toMs) - (long)DefaultRange.TotalMilliseconds),
                out var fromMs
            )
        )
            return Problems.BadRequest(TimeParameter.Rule);
        if (fromMs > toMs)
            return Problems.BadRequest("'from' is after 'to'.");
        if (points is < 2 or > MostPoints)
            return Problems.BadRequest($"'points' is 2 to {MostPoints}.");
        var isCsv = context.Request.Headers.Accept.Any(accept =>
            accept?.Contains("text/csv", StringComparison.OrdinalIgnoreCase) == true
        );
        // A stream cannot take its 200 back: an empty range tells beforehand whether there is such a field.
        var readings = isCsv
            ? history.Readings(id, measurement, field, 0, 0, 2, context.RequestAborted)
            : history.Readings(id, measurement, field, fromMs, toMs, points, context.RequestAborted);
        if (readings is null)
            return Problems.NotFound(
                $"'{id}' has sent no '{measurement}' with a field '{field}'. It has: {Known(history, id)}."
            );
        if (!isCsv)
            return TypedResults.Ok(ReadingsReport.Of(readings));
        return Csv(history, id, measurement, field, fromMs, toMs, context.RequestAborted);
    }

    /// <summary>Every reading of a field in a range.</summary>
    public static IResult Csv(
        HistoryQuery history,
        string id,
        string measurement,
        string field,
        long fromMs,
        long toMs,
        CancellationToken aborted
    )
    {
        var runs = history.StreamAsync(id, measurement, field, fromMs, toMs, aborted);
        return TypedResults.Stream(
            output => WriteCsvAsync(output, runs, field),
            "text/csv",
            $"{id}-{measurement}-{field}.csv"
        );
    }

    private static string Known(HistoryQuery history, string id)
    {
        var all = history
            .Series(id)
            .SelectMany(series => series.Fields.Select(field => $"{series.Measurement}/{field.Name}"));
        var list = string.Join(", ", all);
        return list.Length > 0 ? list : "nothing yet";
    }

    private static async Task WriteCsvAsync(
        Stream output,
        IAsyncEnumerable<IReadOnlyList<HistoryPoint>> runs,
        string field
    )
    {
        await using var writer = new StreamWriter(output, new UTF8Encoding(false));
        var name = field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"")}\"" : field;
        await writer.WriteAsync($"time_ms,{name}\r\n");
        await foreach (var run in runs)
        {
            foreach (var point in run)
                await writer.WriteAsync($"{point.UnixMs},{point.Value:R}\r\n");
        }
    }
}

/// <summary>A field over time.</summary>
/// <param name="Measurement">Of which sensor.</param>
/// <param name="Field">Which value.</param>
/// <param name="Unit">From the catalog.</param>
/// <param name="Points">Pairs of Unix milliseconds and value.</param>
internal sealed record ReadingsReport(string Measurement, string Field, string Unit, IReadOnlyList<double[]> Points)
{
    public static ReadingsReport Of(HistoryReadings readings) =>
        new(
            readings.Measurement,
            readings.Field,
            readings.Unit,
            [.. readings.Points.Select(point => new[] { point.UnixMs, point.Value })]
        );
}
