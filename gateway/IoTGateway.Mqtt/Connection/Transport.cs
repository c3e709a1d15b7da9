using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Mqtt.Connection;

/// <summary>The byte stream under MQTT (MQTT 5.0 §4.2): TCP, or TLS on it.</summary>
internal static class Transport
{
    /// <summary>Connects.</summary>
    /// <exception cref="IOException">In words for a person.</exception>
    public static async Task<Stream> ConnectAsync(
        MqttBroker broker,
        X509Certificate2Collection? authorities,
        CancellationToken cancellationToken
    )
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(broker.Host, broker.Port, cancellationToken);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (!broker.UseTls)
                return stream;
            var tls = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = tls;
            await tls.AuthenticateAsClientAsync(TlsOptions(broker, authorities), cancellationToken);
            return tls;
        }
        catch (Exception e)
        {
            if (stream is not null)
                await stream.DisposeAsync();
            socket.Dispose();
            throw e switch
            {
                SocketException => new IOException($"cannot connect: {e.Message}", e),
                AuthenticationException => new IOException($"TLS failed: {e.InnerException?.Message ?? e.Message}", e),
                _ => e,
            };
        }
    }

    private static SslClientAuthenticationOptions TlsOptions(MqttBroker broker, X509Certificate2Collection? authorities)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = broker.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (authorities is null)
            return options;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        return options;
    }
}
