namespace IoTGateway.Api;

/// <summary>RFC 7240: <c>Prefer: wait=5</c>, in seconds, at most 60.</summary>
internal static class PreferredWait
{
    private const int LongestSeconds = 60;

    /// <summary>Null where the caller does not wait.</summary>
    public static TimeSpan? Of(HttpRequest request)
    {
        foreach (var part in request.Headers["Prefer"].SelectMany(line => (line ?? string.Empty).Split(',')))
        {
            var preference = part.AsSpan().Trim();
            if (
                preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference[5..], out var seconds)
                && seconds > 0
            )
                return TimeSpan.FromSeconds(Math.Min(seconds, LongestSeconds));
        }
        return null;
    }
}
