using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IoTGateway.Tests.Security;

/// <summary>The certificate shown: given, reloaded, renewed, mended.</summary>
public sealed class ServerCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-test-").FullName;
    private readonly SetTime _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_gateways_own_certificate_is_renewed_thirty_days_before_its_end_under_the_same_CA()
    {
        using var certificate = Own();
        var ca = File.ReadAllText(In("ca.pem"));
        var first = certificate.Context.TargetCertificate;
        _time.Now = new DateTimeOffset(first.NotAfter).AddDays(-31);
        certificate.Refresh();
        Assert.Equal(first.Thumbprint, certificate.Context.TargetCertificate.Thumbprint);
        _time.Now = new DateTimeOffset(first.NotAfter).AddDays(-29);
        certificate.Refresh();
        var second = certificate.Context.TargetCertificate;
        Assert.NotEqual(first.Thumbprint, second.Thumbprint);
        Assert.True(second.NotAfter > first.NotAfter);
        Assert.Equal(ca, File.ReadAllText(In("ca.pem")));
    }

    [Fact]
    public void One_that_was_made_while_the_clock_ran_ahead_is_made_anew_once_it_is_right()
    {
        var now = _time.Now;
        using var certificate = Own();
        _time.Now = now.AddYears(2);
        certificate.Refresh();
        var ahead = certificate.Context.TargetCertificate;
        Assert.True(
            new DateTimeOffset(ahead.NotBefore) > now,
            "this test needs a certificate that does not live that long"
        );
        _time.Now = now;
        certificate.Refresh();
        Assert.True(new DateTimeOffset(certificate.Context.TargetCertificate.NotBefore) <= now);
    }

    [Fact]
    public void In_the_last_days_of_the_CA_the_certificate_is_made_once_not_every_minute()
    {
        using var certificate = Own();
        var end = CertificateAuthority.EndOf(_folder);
        _time.Now = end.AddDays(-40);
        certificate.Refresh();
        var last = certificate.Context.TargetCertificate;
        Assert.Equal(end, new DateTimeOffset(last.NotAfter));
        foreach (var daysLeft in new[] { 29, 10, 1 })
        {
            _time.Now = end.AddDays(-daysLeft);
            certificate.Refresh();
            Assert.Equal(last.Thumbprint, certificate.Context.TargetCertificate.Thumbprint);
        }
    }

    [Fact]
    public void In_the_last_year_of_the_CA_the_log_says_so_once_a_day()
    {
        var log = new CapturedLog();
        using var loggers = LoggerFactory.Create(builder => builder.AddProvider(log));
        using var certificate = Make(new TlsOptions(), loggers.CreateLogger<ServerCertificate>());
        var end = CertificateAuthority.EndOf(_folder);
        int Warnings() => log.Lines.Count(line => line.Contains("give the new ca.pem", StringComparison.Ordinal));
        certificate.Refresh();
        Assert.Equal(0, Warnings());
        _time.Now = end.AddDays(-364);
        certificate.Refresh();
        certificate.Refresh();
        Assert.Equal(1, Warnings());
        _time.Now += TimeSpan.FromDays(1);
        certificate.Refresh();
        Assert.Equal(2, Warnings());
    }

    [Fact]
    public void Half_a_pair_as_a_power_cut_leaves_it_is_made_anew()
    {
        using (var first = Own()) { }
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(In("server.key"), other.ExportPkcs8PrivateKeyPem());
        using (var second = Own())
            Assert.True(second.Context.TargetCertificate.HasPrivateKey);
        File.WriteAllText(In("server.pem"), "");
        using var third = Own();
        Assert.True(third.Context.TargetCertificate.HasPrivateKey);
    }

    [Fact]
    public void Removed_while_it_runs_it_is_made_anew_and_with_the_CA_moved_away_under_another()
    {
        using var certificate = Own();
        var ca = File.ReadAllText(In("ca.pem"));
        var first = certificate.Context.TargetCertificate;
        File.Delete(In("server.pem"));
        certificate.Refresh();
        var second = certificate.Context.TargetCertificate;
        Assert.NotEqual(first.Thumbprint, second.Thumbprint);
        Assert.Equal(ca, File.ReadAllText(In("ca.pem")));

        foreach (var file in new[] { "ca.pem", "ca.key", "server.pem", "server.key" })
            File.Delete(In(file));
        certificate.Refresh();
        Assert.NotEqual(ca, File.ReadAllText(In("ca.pem")));
        using var authority = X509CertificateLoader.LoadCertificateFromFile(In("ca.pem"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        Assert.True(chain.Build(certificate.Context.TargetCertificate));
    }

    [Fact]
    public void Given_files_are_shown_and_changed_ones_are_taken()
    {
        Give("one.example");
        using var certificate = Given();
        Assert.Equal("CN=one.example", certificate.Context.TargetCertificate.Subject);
        Assert.False(certificate.IsOwn);
        Give("two.example");
        Touch(TimeSpan.FromSeconds(5));
        certificate.Refresh();
        Assert.Equal("CN=two.example", certificate.Context.TargetCertificate.Subject);
        Assert.False(File.Exists(In("ca.pem")));
    }

    [Fact]
    public void Files_that_cannot_be_read_leave_the_one_before_in_use_and_are_tried_again()
    {
        Give("one.example");
        using var certificate = Given();
        File.WriteAllText(In("given.pem"), "-----BEGIN CERT");
        Touch(TimeSpan.FromSeconds(5));
        certificate.Refresh();
        Assert.Equal("CN=one.example", certificate.Context.TargetCertificate.Subject);
        // Mended, and the time stamps say nothing of it.
        Give("two.example");
        Touch(TimeSpan.FromSeconds(5));
        certificate.Refresh();
        Assert.Equal("CN=two.example", certificate.Context.TargetCertificate.Subject);
    }

    [Fact]
    public void A_certificate_that_came_before_its_key_changes_nothing_until_the_key_is_there()
    {
        Give("one.example");
        using var certificate = Given();
        var oldKey = File.ReadAllText(In("given.key"));
        Give("two.example");
        var newKey = File.ReadAllText(In("given.key"));
        File.WriteAllText(In("given.key"), oldKey);
        Touch(TimeSpan.FromSeconds(5));
        certificate.Refresh();
        Assert.Equal("CN=one.example", certificate.Context.TargetCertificate.Subject);
        File.WriteAllText(In("given.key"), newKey);
        Touch(TimeSpan.FromSeconds(9));
        certificate.Refresh();
        Assert.Equal("CN=two.example", certificate.Context.TargetCertificate.Subject);
    }

    private string In(string file) => Path.Combine(_folder, file);

    private ServerCertificate Own() => Make(new TlsOptions());

    private ServerCertificate Given() => Make(new TlsOptions { Certificate = In("given.pem"), Key = In("given.key") });

    private ServerCertificate Make(TlsOptions tls, ILogger<ServerCertificate>? logger = null) =>
        new(
            Options.Create(tls),
            Options.Create(new DataOptions { Path = _folder }),
            _time,
            logger ?? NullLogger<ServerCertificate>.Instance
        );

    private void Give(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(_time.Now.AddDays(-1), _time.Now.AddDays(90));
        File.WriteAllText(In("given.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In("given.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private void Touch(TimeSpan later)
    {
        File.SetLastWriteTimeUtc(In("given.pem"), _time.Now.UtcDateTime + later);
        File.SetLastWriteTimeUtc(In("given.key"), _time.Now.UtcDateTime + later);
    }
}
