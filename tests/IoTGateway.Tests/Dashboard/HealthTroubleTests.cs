using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Dashboard.Health;
using IoTGateway.Journal;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Dashboard;

/// <summary>What is wrong stands at the top of the page of health, in words, with what to do.</summary>
public sealed class HealthTroubleTests
{
    [Fact]
    public async Task A_database_that_is_away_is_told_with_its_reason_and_since_when_and_what_to_do()
    {
        var url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var gateway = await TestGateway.StartAsync(
            $"--Influx:Url={url}",
            "--Influx:Version=1",
            "--Influx:Database=house"
        );
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await UntilAsync(gateway, "influx stores nothing");
        var trouble = Assert.Single(Troubles(gateway));
        Assert.True(trouble.IsBad);
        Assert.StartsWith("127.0.0.1:", trouble.Text, StringComparison.Ordinal);
        Assert.Contains("check Influx:Url, and that the database is running. ", trouble.Text, StringComparison.Ordinal);
        Assert.EndsWith("stored once it is mended.", trouble.Text, StringComparison.Ordinal);

        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (_, page) = await browser.GetAsync("/health");
        Assert.Contains(
            $"""<b>influx stores nothing</b> since <local-time ms="{trouble.SinceMs}" as="clock"></local-time>: 127""",
            page,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task A_journal_that_is_full_is_told_with_who_holds_it_and_goes_when_it_is_mended()
    {
        await using var gateway = await TestGateway.StartAsync(
            $"--Journal:MaxBytes={JournalOptions.SmallestMaxBytes}",
            "--Journal:KeepBytes=0"
        );
        var journal = gateway.Get<TelemetryJournal>();
        var stalled = journal.OpenCursor("stalled");
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var rows = Enumerable.Range(0, 1_500).Select(row => (row * 7919 % 4000) / 10.0).ToArray();
        for (uint sequence = 1; journal.Health.IsOk; sequence++)
        {
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon, rows));
            await Patience.UntilAsync(
                () => !journal.Health.IsOk || journal.LastSequence("roof", 1) == sequence,
                "the message to be stored, or the journal to be full"
            );
        }
        var trouble = Troubles(gateway)[0];
        Assert.Equal(("No telemetry is acknowledged", true), (trouble.What, trouble.IsBad));
        Assert.StartsWith("quota reached: ", trouble.Text, StringComparison.Ordinal);
        Assert.Contains(
            "Mend what keeps 'stalled' from storing, or raise Journal:MaxBytes. Devices keep",
            trouble.Text,
            StringComparison.Ordinal
        );
        stalled.Dispose();
        journal.RemoveCursor("stalled");
        await Patience.UntilAsync(() => Troubles(gateway).Count == 0, "all is well");
    }

    [Fact]
    public async Task A_disk_that_is_full_or_broken_is_told_with_what_to_do()
    {
        await using var gateway = await TestGateway.StartAsync();
        Assert.Empty(Troubles(gateway));
        const int NoSpace = 28;
        Assert.Contains("Make room", JournalHealth.Failed(new IOException("full", NoSpace)).Advice);
        Assert.Contains("Check the disk", JournalHealth.Failed(new IOException("broken")).Advice);
    }

    [Fact]
    public async Task A_given_certificate_that_ends_soon_or_has_ended_is_to_be_renewed_by_whoever_gave_it()
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-test-");
        try
        {
            var (certificate, key) = (
                Path.Combine(folder.FullName, "tls.pem"),
                Path.Combine(folder.FullName, "tls.key")
            );
            Issue(certificate, key, TimeSpan.FromDays(5));
            var time = new SteppedTime();
            await using var gateway = await TestGateway.StartAsync(
                time,
                $"--Tls:Certificate={certificate}",
                $"--Tls:Key={key}"
            );
            var soon = Assert.Single(Troubles(gateway));
            Assert.Equal(("The TLS certificate ends in 4 d 23 h", false), (soon.What, soon.IsBad));
            Assert.Contains("Tls:Certificate and Tls:Key", soon.Text, StringComparison.Ordinal);
            using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
            var (status, page) = await browser.GetAsync("/health");
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.DoesNotContain("The CA ends", page, StringComparison.Ordinal);

            time.Step(TimeSpan.FromDays(6));
            var ended = Assert.Single(Troubles(gateway));
            Assert.Equal(
                ("The TLS certificate has ended, and devices refuse to connect", true),
                (ended.What, ended.IsBad)
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task The_gateways_own_certificate_is_renewed_by_itself_and_its_CA_by_whoever_has_the_devices()
    {
        var time = new SteppedTime();
        await using var gateway = await TestGateway.StartAsync(time);
        var certificate = gateway.Get<ServerCertificate>();
        Assert.Empty(Troubles(gateway));
        // Five days before its end it should have been renewed for long.
        time.Step(new DateTimeOffset(certificate.Chain.First().NotAfter) - time.GetUtcNow() - TimeSpan.FromDays(5));
        var late = Assert.Single(Troubles(gateway));
        Assert.Contains("ends in 4 d 23 h", late.What, StringComparison.Ordinal);
        Assert.Contains("the log says why", late.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Tls:", late.Text, StringComparison.Ordinal);
        certificate.Refresh();
        Assert.Empty(Troubles(gateway));

        var end = DateTimeOffset.FromUnixTimeMilliseconds(certificate.AuthorityEndsMs!.Value); // it has its own
        time.Step(end - time.GetUtcNow() - TimeSpan.FromDays(300));
        certificate.Refresh();
        var ofCa = Assert.Single(Troubles(gateway));
        Assert.Equal(
            ("The gateway's CA ends in 299 d 23 h, and no device connects after that", false),
            (ofCa.What, ofCa.IsBad)
        );
        Assert.Contains("give every device the new ca.pem", ofCa.Text, StringComparison.Ordinal);
        using var browser = await Browser.SignedInAsync(gateway, gateway.AdminKey);
        var (_, page) = await browser.GetAsync("/health");
        Assert.Contains(
            $"""<dt>The CA ends</dt><dd><local-time ms="{certificate.AuthorityEndsMs}" """,
            page,
            StringComparison.Ordinal
        );

        time.Step(TimeSpan.FromDays(290));
        certificate.Refresh();
        Assert.True(Assert.Single(Troubles(gateway)).IsBad);
    }

    /// <summary>How full this machine's disk is, is not of these tests.</summary>
    private static List<Trouble> Troubles(TestGateway gateway) =>
        [
            .. gateway
                .Get<HealthReader>()
                .Troubles()
                .Where(trouble => !trouble.What.StartsWith("The disk of", StringComparison.Ordinal)),
        ];

    private static Task UntilAsync(TestGateway gateway, string what) =>
        Patience.UntilAsync(() => Troubles(gateway).Any(trouble => trouble.What == what), what);

    private static void Issue(string certificatePath, string keyPath, TimeSpan life)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gateway.example", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now + life);
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(keyPath, key.ExportPkcs8PrivateKeyPem());
    }
}
