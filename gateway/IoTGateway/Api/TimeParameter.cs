using System.Globalization;
using IoTGateway.Protocol;

namespace IoTGateway.Api;

/// <summary>A time in a query: <c>from</c> and <c>to</c>.</summary>
internal static class TimeParameter
{
    public const string Rule =
        "'from' and 'to' are Unix milliseconds or ISO 8601, such as 2026-05-01T12:00:00Z, from 1970 to 2262.";

    /// <summary>Unix milliseconds or ISO 8601; the fallback where there is none.</summary>
    public static bool TryRead(string? text, long fallback, out long unixMs)
    {
        unixMs = fallback;
        if (string.IsNullOrEmpty(text))
            return true;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out unixMs))
            return unixMs <= ProtocolLimits.LatestUnixMs;
        var isIso = DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        );
        unixMs = time.ToUnixTimeMilliseconds();
        return isIso && unixMs is >= 0 and <= ProtocolLimits.LatestUnixMs;
    }
}
