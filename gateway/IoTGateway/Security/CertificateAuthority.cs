using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Security;

/// <summary>
/// The gateway's own CA, made on the first start: <c>ca.pem</c> is what devices trust, <c>ca.key</c> stays here. P-256,
/// which boards verify quickly.
/// </summary>
internal static class CertificateAuthority
{
    public const string CertificateFile = "ca.pem";
    private const string KeyFile = "ca.key";
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(3650);
    private static readonly TimeSpan ServerLife = TimeSpan.FromDays(397);

    /// <summary>Clocks of fresh boards run behind: a certificate of today must be valid for them as well.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromDays(1);

    /// <summary>Makes the CA unless the folder has one.</summary>
    public static void Ensure(string folder, DateTimeOffset now)
    {
        if (File.Exists(Path.Combine(folder, CertificateFile)) && File.Exists(Path.Combine(folder, KeyFile)))
            return;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(
            $"CN=IoT Gateway CA {Environment.MachineName}",
            key,
            HashAlgorithmName.SHA256
        );
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - Backdated, now + AuthorityLife);
        PrivateFile.Write(Path.Combine(folder, KeyFile), key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(Path.Combine(folder, CertificateFile), certificate.ExportCertificatePem() + "\n");
    }

    /// <summary>When the folder's CA ends: nothing it signs lives longer.</summary>
    public static DateTimeOffset EndOf(string folder)
    {
        using var authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(folder, CertificateFile));
        return new DateTimeOffset(authority.NotAfter);
    }

    /// <summary>Issues a server certificate into two PEM files.</summary>
    /// <param name="folder">Holds the CA.</param>
    /// <param name="certificatePath">Takes the certificate.</param>
    /// <param name="keyPath">Takes its private key.</param>
    /// <param name="moreNames">Names and addresses beside this machine's own.</param>
    /// <param name="now">Start of its life, less a day.</param>
    public static void Issue(
        string folder,
        string certificatePath,
        string keyPath,
        IEnumerable<string> moreNames,
        DateTimeOffset now
    )
    {
        using var authority = X509Certificate2.CreateFromPemFile(
            Path.Combine(folder, CertificateFile),
            Path.Combine(folder, KeyFile)
        );
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=IoT Gateway", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false)
        );
        request.CertificateExtensions.Add(SubjectNames(moreNames));
        var serial = RandomNumberGenerator.GetBytes(16);
        var last = new DateTimeOffset(authority.NotAfter);
        var end = now + ServerLife < last ? now + ServerLife : last;
        using var certificate = request.Create(authority, now - Backdated, end, serial);
        PrivateFile.Write(keyPath, key.ExportPkcs8PrivateKeyPem());
        File.WriteAllText(certificatePath, certificate.ExportCertificatePem() + "\n");
    }

    private static X509Extension SubjectNames(IEnumerable<string> moreNames)
    {
        var names = new SubjectAlternativeNameBuilder();
        var machine = Environment.MachineName.ToLowerInvariant();
        string[] own = ["localhost", machine, $"{machine}.local"];
        foreach (var name in own.Concat(moreNames).Concat(LocalAddresses()).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(name);
        }
        return names.Build();
    }

    private static IEnumerable<string> LocalAddresses() =>
        NetworkInterface
            .GetAllNetworkInterfaces()
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Where(unicast =>
                unicast.Address is { AddressFamily: AddressFamily.InterNetwork } or { IsIPv6LinkLocal: false }
            )
            .Select(unicast => unicast.Address.ToString())
            .Append("127.0.0.1")
            .Append("::1");
}
