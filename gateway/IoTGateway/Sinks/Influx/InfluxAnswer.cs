using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace IoTGateway.Sinks.Influx;

/// <summary>What the database said to one request, reduced to what decides.</summary>
/// <param name="Status">0 where there was no answer.</param>
/// <param name="Reason">What it said, for a person.</param>
/// <param name="IsDatabase">The answer has the form of an InfluxDB error: it is about our lines, not a stranger's.</param>
/// <param name="RetryAfter">From its header.</param>
internal readonly record struct InfluxAnswer(int Status, string Reason, bool IsDatabase, TimeSpan? RetryAfter)
{
    private const int LongestReason = 500;

    /// <summary>The database took longer than it may: it may manage with less at once.</summary>
    public bool IsTooSlow { get; init; }

    public bool IsAccepted => Status is >= 200 and < 300;

    /// <summary>The lines themselves are at fault, or some of them.</summary>
    public bool IsAboutLines => Status is 400 or 422;

    /// <summary>How many lines were dropped, where it tells ("partial write: … dropped=3"); all others are stored.</summary>
    public int? Dropped
    {
        get
        {
            const string Mark = "dropped=";
            var at = IsDatabase ? Reason.LastIndexOf(Mark, StringComparison.Ordinal) : -1;
            if (at < 0)
                return null;
            var digits = Reason.AsSpan(at + Mark.Length);
            var end = digits.IndexOfAnyExceptInRange('0', '9');
            return int.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, null, out var count)
                ? count
                : null;
        }
    }

    /// <summary>Reads an answer; the body only as far as it is needed.</summary>
    public static async Task<InfluxAnswer> ReadAsync(
        HttpResponseMessage response,
        TimeProvider clock,
        CancellationToken cancellationToken
    )
    {
        var status = (int)response.StatusCode;
        var type = response.Content.Headers.ContentType?.MediaType;
        if (response.IsSuccessStatusCode)
        {
            // A login page or a captive portal answers 200 to anything.
            return type == "text/html"
                ? new InfluxAnswer(0, $"{status} with a web page", IsDatabase: false, null)
                : new InfluxAnswer(status, "", IsDatabase: true, null);
        }
        var text = await ReadTextAsync(response.Content, cancellationToken);
        var message = MessageOf(text);
        var reason = message ?? text.ReplaceLineEndings(" ").Trim();
        if (reason.Length > LongestReason)
            reason = reason[..LongestReason];
        return new InfluxAnswer(
            status,
            $"{status} {(HttpStatusCode)status}: {reason}",
            message is not null,
            RetryAfterOf(response, clock)
        );
    }

    private static async Task<string> ReadTextAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var bytes = new byte[8192];
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var count = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    /// <summary>1.x writes <c>{"error"}</c>, 2.x <c>{"code","message"}</c>; null for anything else.</summary>
    private static string? MessageOf(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            return Text(json.RootElement, "error") ?? Text(json.RootElement, "message");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static TimeSpan? RetryAfterOf(HttpResponseMessage response, TimeProvider clock)
    {
        var header = response.Headers.RetryAfter;
        return header?.Delta ?? (header?.Date - clock.GetUtcNow());
    }
}
