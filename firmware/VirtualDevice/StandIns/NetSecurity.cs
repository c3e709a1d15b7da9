// nanoFramework's System.Net.Security, as far as the firmware uses it.
namespace System.Net.Security;

internal enum SslVerification
{
    NoVerification = 1,
    CertificateRequired = 4,
}

internal enum SslProtocols
{
    None = 0,
    Tls12 = 0x40,
}
