using System.Security.Cryptography.X509Certificates;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Links;
using IoTGateway.Security;
using IoTGateway.Sinks;

namespace IoTGateway.Dashboard.Health;

/// <summary>Reads what the page of health shows from the rooms themselves.</summary>
internal sealed partial class HealthReader(
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
            new DateTimeOffset(leaf.NotAfter).ToUnixTimeMilliseconds(),
            certificate.AuthorityEndsMs
        );
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
