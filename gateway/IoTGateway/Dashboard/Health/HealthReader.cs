using System.Security.Cryptography.X509Certificates;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Links;
using IoTGateway.Security;
using IoTGateway.Sinks;

namespace IoTGateway.Dashboard.Health;

/// <summary>Reads what the page of health shows from the rooms themselves.</summary>
internal sealed class HealthReader(
    TelemetryJournal journal,
    SinkHost sinks,
    RejectedRows rejected,
    LinkTable links,
    DeviceRegistry registry,
    ServerCertificate certificate,
    GatewayMetrics metrics,
    DataOptions data,
    LimitsOptions limits,
    TimeProvider time
)
{
    private const int ShownRows = 20;
    private const double LittleDisk = 0.05;
    private const long LittleDiskBytes = 500_000_000;
    private static readonly TimeSpan EndsSoon = TimeSpan.FromDays(14);

    public HealthFigures Figures(RateMeter rates)
    {
        var received = metrics.Received();
        var (messages, readings, bytes) = rates.Look(received.Messages, received.Readings, received.Bytes);
        var (free, total) = Disk();
        return new HealthFigures(
            links.Count,
            registry.Count(),
            messages,
            readings,
            bytes,
            journal.TotalBytes,
            free,
            total
        );
    }

    public IReadOnlyList<SinkRow> Sinks() =>
        [
            .. sinks.Reports.Select(sink => new SinkRow(
                sink.Name,
                sink.Problem,
                sink.LagBytes,
                sink.Behind,
                sink.Counters.Rows,
                sink.Counters.Rejected,
                sink.Retries
            )),
        ];

    /// <summary>Of each sink that has set rows aside.</summary>
    public IReadOnlyList<RejectedSink> Rejected() =>
        [
            .. from sink in sinks.Reports
            let count = rejected.Count(sink.Name)
            where count > 0
            select new RejectedSink(
                sink.Name,
                count,
                [
                    .. rejected
                        .Newest(sink.Name, ShownRows)
                        .Select(row => new RejectedRowData(
                            row.Id,
                            row.Row.Device,
                            row.AtUnixMs,
                            row.Row.Row,
                            row.Row.Reason
                        )),
                ]
            ),
        ];

    public IReadOnlyList<RefusalRow> Refusals() =>
        [.. metrics.Refusals().Select(refusal => new RefusalRow(refusal.Where, refusal.Reason, refusal.Count))];

    public CertificateData Certificate()
    {
        var leaf = certificate.Chain.First();
        var names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] all = names is null
            ? [leaf.GetNameInfo(X509NameType.SimpleName, false)]
            : [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())];
        return new CertificateData(
            string.Join(", ", all),
            certificate.IsOwn,
            new DateTimeOffset(leaf.NotAfter).ToUnixTimeMilliseconds()
        );
    }

    /// <summary>What is wrong, the worst first; each says what to do.</summary>
    public IReadOnlyList<Trouble> Troubles() => [.. Find().OrderByDescending(trouble => trouble.IsBad)];

    private IEnumerable<Trouble> Find()
    {
        if (journal.Health.Reason is { } reason)
            yield return new Trouble(
                $"No telemetry is acknowledged: {reason}. Devices keep what they measure meanwhile.",
                true
            );
        foreach (var sink in sinks.Reports)
        {
            if (sink.Problem is { } problem)
                yield return new Trouble(
                    $"{sink.Name} stores nothing {problem}. Rows wait in the journal and are stored once it is mended.",
                    true
                );
            if (rejected.Count(sink.Name) is > 0 and var rows)
                yield return new Trouble(
                    $"{sink.Name} would not take {Shell.Figures.Count(rows)} rows: they are set aside below, with the reason. Mend the cause and offer them again, or discard them.",
                    false
                );
        }
        if (journal.DamageCount > 0)
            yield return new Trouble(
                $"{journal.DamageCount} damaged places were found in the journal; the log names the files. Check the disk.",
                false
            );
        var (free, total) = Disk();
        if (free < LittleDiskBytes || free < total * LittleDisk)
            yield return new Trouble(
                $"The disk of {data.Path} has {Shell.Figures.Bytes(free)} left: make room, or lower Journal:MaxBytes and History:Retention.",
                free < LittleDiskBytes
            );
        var left = DateTimeOffset.FromUnixTimeMilliseconds(Certificate().EndsMs) - time.GetUtcNow();
        if (left < EndsSoon)
            yield return new Trouble(
                left <= TimeSpan.Zero
                    ? "The TLS certificate has ended: devices refuse to connect. Renew the files of Tls:Certificate and Tls:Key."
                    : $"The TLS certificate ends in {Shell.Figures.Duration(left)}: renew the files of Tls:Certificate and Tls:Key.",
                left <= TimeSpan.Zero
            );
        if (links.Count >= limits.Connections)
            yield return new Trouble(
                $"All {limits.Connections} links are taken, and more devices are turned away: raise Limits:Connections.",
                true
            );
        if (links.IsDraining)
            yield return new Trouble("The gateway is stopping.", false);
    }

    private (long Free, long Total) Disk()
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(data.Path));
            return (drive.AvailableFreeSpace, drive.TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (long.MaxValue, 0);
        }
    }
}
