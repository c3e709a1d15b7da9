using System.Globalization;

namespace IoTGateway.Dashboard.Charts;

/// <summary>The axis of times: round ones in the viewer's zone.</summary>
internal static class TimeAxis
{
    private const int Most = 6;

    private static readonly TimeSpan[] Steps =
    [
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(30),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromMinutes(2),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(15),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(3),
        TimeSpan.FromHours(6),
        TimeSpan.FromHours(12),
        TimeSpan.FromDays(1),
        TimeSpan.FromDays(2),
        TimeSpan.FromDays(7),
        TimeSpan.FromDays(14),
        TimeSpan.FromDays(30),
        TimeSpan.FromDays(90),
        TimeSpan.FromDays(365),
        TimeSpan.FromDays(3650),
    ];

    /// <summary>As the page shows UTC on hover everywhere.</summary>
    public static string Utc(long unixMs) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds(unixMs)
            .ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static IEnumerable<(long UnixMs, string Text)> Ticks(long fromMs, long toMs, TimeZoneInfo zone)
    {
        var stepMs = (long)
            (
                Steps.FirstOrDefault(step => (toMs - fromMs) / step.TotalMilliseconds <= Most, Steps[^1])
            ).TotalMilliseconds;
        // Round in the zone's own time; a change of its clock within the range leaves the other side an hour off.
        var offsetMs = (long)zone.GetUtcOffset(DateTimeOffset.FromUnixTimeMilliseconds(toMs)).TotalMilliseconds;
        var first = ((fromMs + offsetMs + stepMs - 1) / stepMs * stepMs) - offsetMs;
        var format =
            stepMs < 60_000 ? "HH:mm:ss"
            : stepMs < 86_400_000 ? "HH:mm"
            : "d MMM";
        // A label at the very edge would be cut.
        var margin = (toMs - fromMs) / 30;
        for (var ms = first; ms <= toMs - margin; ms += stepMs)
        {
            if (ms < fromMs + margin)
                continue;
            var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(ms), zone);
            var isMidnight = stepMs is >= 3_600_000 and < 86_400_000 && local.TimeOfDay == TimeSpan.Zero;
            yield return (ms, local.ToString(isMidnight ? "d MMM" : format, CultureInfo.InvariantCulture));
        }
    }
}
