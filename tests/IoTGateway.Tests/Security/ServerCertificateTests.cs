using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
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

    private ServerCertificate Make(TlsOptions tls) =>
        new(
            Options.Create(tls),
            Options.Create(new DataOptions { Path = _folder }),
            _time,
            NullLogger<ServerCertificate>.Instance
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
