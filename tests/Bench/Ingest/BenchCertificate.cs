using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Bench.Ingest;

/// <summary>One certificate for a server under test, told by environment: an elliptic key, as the gateway's own.</summary>
internal static class BenchCertificate
{
    private const string CertificateFile = "TLS_CERTIFICATE";
    private const string KeyFile = "TLS_KEY";

    /// <summary>Makes one, and says where it is.</summary>
    public static void Write(string folder, Dictionary<string, string> environment)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        environment[CertificateFile] = Path.Combine(folder, "certificate.pem");
        environment[KeyFile] = Path.Combine(folder, "key.pem");
        File.WriteAllText(environment[CertificateFile], certificate.ExportCertificatePem());
        File.WriteAllText(environment[KeyFile], key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>For a server that is this program; null where there is none.</summary>
    public static X509Certificate2? Read() =>
        Environment.GetEnvironmentVariable(CertificateFile) is { } file
            ? X509Certificate2.CreateFromPemFile(file, Environment.GetEnvironmentVariable(KeyFile))
            : null;
}
