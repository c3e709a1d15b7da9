using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>nanoFramework's X509Certificate is made from PEM text.</summary>
internal sealed class X509Certificate(string certificate)
{
    public X509Certificate2 Platform { get; } = X509Certificate2.CreateFromPem(certificate);
}
