namespace IoTGateway.Sinks.Influx;

/// <summary>The section <c>Influx</c> of the configuration. Without <see cref="Url"/> there is no such sink.</summary>
internal sealed class InfluxOptions
{
    public static readonly TimeSpan LongestResend = TimeSpan.FromHours(1);

    /// <summary>Where the database listens, such as <c>http://localhost:8086</c>.</summary>
    public string? Url { get; set; }

    /// <summary>2 writes to <c>/api/v2/write</c>, 1 to <c>/write</c>.</summary>
    public int Version { get; set; } = 2;

    /// <summary>Version 2: the organization; databases that have none ignore it.</summary>
    public string? Org { get; set; }

    /// <summary>Version 2: the bucket. It must exist.</summary>
    public string? Bucket { get; set; }

    /// <summary>Version 1: the database. It must exist.</summary>
    public string? Database { get; set; }

    /// <summary>Version 2: an API token. Version 1: <c>user:password</c>. Set it by environment: <c>Influx__Token</c>.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// What the database took within this time before it vanished is sent again: some, such as VictoriaMetrics, answer
    /// before it is on their disk. 0 for a database that syncs first.
    /// </summary>
    public TimeSpan Resend { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether the sink is switched on.</summary>
    public bool IsOn => !string.IsNullOrWhiteSpace(Url);

    /// <summary>What is wrong with the values. The token's value never appears.</summary>
    public IEnumerable<string> Errors() =>
        IsOn
            ? Setting.Check(
                UrlError(Url),
                Setting.That(
                    Version is 1 or 2,
                    $"Influx:Version is {Version}: allowed is 2 (/api/v2/write) or 1 (/write)."
                ),
                Setting.That(
                    Version != 2 || !string.IsNullOrWhiteSpace(Bucket),
                    "Influx:Bucket is empty: with Influx:Version 2 it names the bucket to write to."
                ),
                Setting.That(
                    Version != 1 || !string.IsNullOrWhiteSpace(Database),
                    "Influx:Database is empty: with Influx:Version 1 it names the database to write to."
                ),
                Setting.That(
                    Version != 1 || string.IsNullOrEmpty(Token) || Token.Contains(':'),
                    "Influx:Token has no colon: with Influx:Version 1 it is user:password, or empty."
                ),
                Setting.That(
                    Token is null || !Token.AsSpan().ContainsAnyInRange('\0', '\x1F'),
                    "Influx:Token holds a line break or another control character: remove it."
                ),
                Setting.That(
                    Resend >= TimeSpan.Zero && Resend <= LongestResend,
                    $"Influx:Resend is {Resend}: allowed is 00:00:00 to {LongestResend}, as hours:minutes:seconds."
                )
            )
            : [];

    private static string? UrlError(string? url)
    {
        var isHttp = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
        if (!isHttp || uri is null)
            return $"Influx:Url is '{url}': allowed is an http:// or https:// address, such as http://localhost:8086.";
        if (uri.UserInfo.Length > 0)
            return "Influx:Url holds a user or password: put them in Influx:Token, which no log shows.";
        return uri.Query.Length > 0 || uri.Fragment.Length > 0
            ? $"Influx:Url is '{url}': leave out what follows '?' or '#'; the gateway adds its own query."
            : null;
    }
}
