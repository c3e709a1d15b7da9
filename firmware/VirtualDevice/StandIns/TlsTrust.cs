using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>The given root and no other, against the host's name: what a board does with the CA in its flash.</summary>
internal static class TlsTrust
{
    public static SslClientAuthenticationOptions Only(X509Certificate? root)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        if (root is not null)
            policy.CustomTrustStore.Add(root.Platform);
        return new SslClientAuthenticationOptions { CertificateChainPolicy = policy };
    }
}
