namespace IoTGateway.Sinks.Influx;

/// <summary>Why a batch is kept, for a person: what the database said, and which setting to look at.</summary>
internal static class InfluxReasons
{
    /// <summary>The verdict for an answer that is neither a receipt nor about the lines.</summary>
    public static SinkVerdict Keep(in InfluxAnswer answer, Uri url, InfluxOptions options) =>
        SinkVerdict.Keep(
            $"influx: {url.Authority}: {answer.Reason}; {Next(answer.Status, options)}",
            answer.RetryAfter
        ) with
        {
            MayHaveForgotten = answer.Status == 0,
        };

    private static string Next(int status, InfluxOptions options)
    {
        var (place, name) =
            options.Version == 1 ? ("Influx:Database", options.Database) : ("Influx:Bucket", options.Bucket);
        return status switch
        {
            0 => "check Influx:Url, and that the database is running",
            401 => options.Version == 1
                ? "check Influx:Token (user:password)"
                : "check Influx:Token: is it complete, and still valid there?",
            403 => $"Influx:Token may not write to {place} '{name}'; give it that right",
            404 => options.Version == 1
                ? $"does Influx:Database '{name}' exist? Create it there; is Influx:Version 1 right for this server?"
                : $"do Influx:Bucket '{name}' and Influx:Org '{options.Org}' exist? Create them there; is Influx:Version "
                    + "2 right for this server?",
            405 or 415 => "is Influx:Version right for this server?",
            >= 300 and < 400 => "the address redirects; set Influx:Url to where it leads",
            408 or 429 or 503 => "the database is busy; nothing to do, unless it lasts",
            >= 500 => "look into the database's own log",
            _ => "check Influx:Url and Influx:Version",
        };
    }
}
