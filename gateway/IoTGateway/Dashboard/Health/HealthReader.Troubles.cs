using IoTGateway.Security;

namespace IoTGateway.Dashboard.Health;

/// <summary>What is wrong, in words, with what to do.</summary>
internal sealed partial class HealthReader
{
    private const double LittleDisk = 0.05;
    private const long LittleDiskBytes = 500_000_000;
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(14);

    /// <summary>What is wrong, the worst first; each says what to do.</summary>
    public IReadOnlyList<Trouble> Troubles() =>
        [
            .. OfJournal()
                .Concat(OfSinks())
                .Concat(OfDisk())
                .Concat(OfCertificate())
                .Concat(OfLinks())
                .OrderByDescending(trouble => trouble.IsBad),
        ];

    private IEnumerable<Trouble> OfJournal()
    {
        if (journal.Health is { Reason: { } reason } health)
            yield return new Trouble(
                "No telemetry is acknowledged",
                $"{Without("journal", reason)}. {health.Advice} Devices keep what they measure meanwhile.",
                true
            );
        if (journal.DamageCount > 0)
            yield return new Trouble(
                "The journal is damaged",
                $"at {Shell.Figures.Count(journal.DamageCount)} places; the log names the files. Check the disk.",
                false
            );
    }

    private IEnumerable<Trouble> OfSinks()
    {
        foreach (var sink in sinks.Reports)
        {
            if (sink.Trouble is { } trouble)
                yield return new Trouble(
                    $"{sink.Name} stores nothing",
                    $"{Without(sink.Name, trouble.Reason)}. Rows wait in the journal and are stored once it is mended.",
                    true,
                    trouble.Since.ToUnixTimeMilliseconds()
                );
            if (rejected.Count(sink.Name) is > 0 and var rows)
                yield return new Trouble(
                    $"{sink.Name} would not take {Shell.Figures.Count(rows)} rows",
                    "they are set aside below, with the reason. Mend the cause and offer them again, or discard them.",
                    false
                );
        }
    }

    private IEnumerable<Trouble> OfDisk()
    {
        var (free, total) = Disk();
        if (free < LittleDiskBytes || free < total * LittleDisk)
            yield return new Trouble(
                $"The disk of {data.Path} has {Shell.Figures.Bytes(free)} left",
                "make room, or lower Journal:MaxBytes and History:Retention.",
                free < LittleDiskBytes
            );
    }

    private IEnumerable<Trouble> OfCertificate()
    {
        var shown = Certificate();
        if (Left(shown.AuthorityEndsMs) is { } ofCa && ofCa < ServerCertificate.WarnBefore)
        {
            yield return new Trouble(
                $"The gateway's CA {Ends(ofCa)}, and no device connects after that",
                $"move ca.pem, ca.key, server.pem and server.key of {data.Path} away together, and give every device the new ca.pem, which is made within a minute.",
                ofCa < EndsSoon
            );
            // The certificate ends with its CA at the latest.
            yield break;
        }
        if (Left(shown.EndsMs) is { } left && left < EndsSoon)
            yield return new Trouble(
                $"The TLS certificate {Ends(left)}{(left > TimeSpan.Zero ? "" : ", and devices refuse to connect")}",
                shown.IsOwn
                    ? $"the gateway renews it by itself, and could not: the log says why. Check the disk of {data.Path} and the rights on it."
                    : "renew the files of Tls:Certificate and Tls:Key; they are taken within a minute.",
                left <= TimeSpan.Zero
            );
    }

    private IEnumerable<Trouble> OfLinks()
    {
        if (links.Count >= limits.Connections)
            yield return new Trouble(
                $"All {Shell.Figures.Count(limits.Connections)} links are taken",
                "more devices are turned away. Raise Limits:Connections.",
                true
            );
        if (links.IsDraining)
            yield return new Trouble("The gateway is stopping", "devices come back once it runs again.", false);
    }

    private TimeSpan? Left(long? endsMs) =>
        endsMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) - time.GetUtcNow() : null;

    private static string Ends(TimeSpan left) =>
        left > TimeSpan.Zero ? $"ends in {Shell.Figures.Duration(left)}" : "has ended";

    /// <summary>A reason that does not begin with what has just been named.</summary>
    private static string Without(string name, string reason) =>
        (reason.StartsWith($"{name}: ", StringComparison.Ordinal) ? reason[(name.Length + 2)..] : reason).TrimEnd('.');
}
