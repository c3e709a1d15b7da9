using System.Net.Security;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>nanoFramework's SslStream: a NetworkStream made from a socket, with the CA given to the handshake.</summary>
internal sealed class SslStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private readonly Socket _socket = socket;
    private System.Net.Security.SslStream? _platform;

    public SslVerification SslVerification { get; set; } = SslVerification.CertificateRequired;

    public void AuthenticateAsClient(
        string targetHost,
        X509Certificate? cert,
        X509Certificate? ca,
        SslProtocols enabledSslProtocols
    )
    {
        if (cert is not null || SslVerification != SslVerification.CertificateRequired)
            throw new NotSupportedException("client certificates and unverified servers are not used by this firmware");

        _platform = new System.Net.Security.SslStream(new NetworkStream(_socket, ownsSocket: false));
        var options = TlsTrust.Only(ca);
        options.TargetHost = targetHost;
        // The platform's own choice: TLS 1.2 at least, which is what the board has.
        _platform.AuthenticateAsClient(options);
        _socket.BecomesSecure();
    }

    public override int Read(byte[] buffer, int offset, int count) => Open.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => Open.Write(buffer, offset, count);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _platform?.Dispose();
        base.Dispose(disposing);
    }

    private System.Net.Security.SslStream Open =>
        _platform ?? throw new InvalidOperationException("AuthenticateAsClient comes first");
}
