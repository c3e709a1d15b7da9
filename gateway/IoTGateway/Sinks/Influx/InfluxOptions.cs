using Microsoft.Extensions.Options;

namespace IoTGateway.Sinks.Influx;

/// <summary>The section <c>Influx</c> of the configuration. Without <see cref="Url"/> there is no such sink.</summary>
internal sealed class InfluxOptions
{
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

    /// <summary>Whether the sink is switched on.</summary>
    public bool IsOn => !string.IsNullOrWhiteSpace(Url);
}

/// <summary>Checks the section at start. The token's value never appears in a message.</summary>
internal sealed class InfluxOptionsValidator : IValidateOptions<InfluxOptions>
{
    public ValidateOptionsResult Validate(string? name, InfluxOptions options)
    {
        if (!options.IsOn)
            return ValidateOptionsResult.Skip;
        var wrong = new List<string>();
        CheckUrl(options.Url, wrong);
        if (options.Version is not (1 or 2))
            wrong.Add($"Influx:Version is {options.Version}; allowed are 2 (/api/v2/write) and 1 (/write).");
        if (options.Version == 2 && string.IsNullOrWhiteSpace(options.Bucket))
            wrong.Add("Influx:Bucket is empty; with Influx:Version 2 it names the bucket to write to.");
        if (options.Version == 1 && string.IsNullOrWhiteSpace(options.Database))
            wrong.Add("Influx:Database is empty; with Influx:Version 1 it names the database to write to.");
        if (options.Version == 1 && options.Token is { Length: > 0 } token && !token.Contains(':'))
            wrong.Add("Influx:Token has no colon; with Influx:Version 1 it is user:password, or empty.");
        if (options.Token is { } secret && secret.AsSpan().ContainsAnyInRange('\0', '\x1F'))
            wrong.Add("Influx:Token holds a line break or another control character; remove it.");
        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);
    }

    private static void CheckUrl(string? url, List<string> wrong)
    {
        var isHttp = Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";
        if (!isHttp || uri is null)
            wrong.Add(
                $"Influx:Url is '{url}'; allowed is an http:// or https:// address, such as http://localhost:8086."
            );
        else if (uri.UserInfo.Length > 0)
            wrong.Add("Influx:Url holds a user or password; put them in Influx:Token, which no log shows.");
        else if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
            wrong.Add($"Influx:Url is '{url}'; leave out what follows '?' or '#': the gateway adds its own query.");
    }
}
