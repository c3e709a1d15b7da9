using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>The certificate that is shown: whose, for which names, until when; judged by this machine's clock.</summary>
internal sealed class TlsCheck(Uri url, string? authorityPem, TimeProvider time)
{
    private static readonly TimeSpan Soon = TimeSpan.FromDays(21);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Shakes hands over an open connection.</summary>
    public async Task<Finding> RunAsync(TcpClient connection, CancellationToken cancel)
    {
        Finding? judged = null;
        await using var tls = new SslStream(connection.GetStream());
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = url.IdnHost,
                    // Judged here, in words; nothing at all is sent over this connection.
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        judged = Judge((X509Certificate2)certificate!, chain!); // TLS without a certificate is not offered
                        return judged.Verdict != Verdict.Bad;
                    },
                },
                both.Token
            );
            return judged ?? NoTls("no certificate was shown");
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            return judged ?? NoTls(e.Message);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return NoTls($"no answer in {Patience.TotalSeconds:0} s");
        }
    }

    private Finding NoTls(string reason) =>
        Finding.Bad(
            "tls",
            $"port {url.Port} does not speak TLS: {reason}",
            "Is it the gateway's port for plain HTTP? Then say http:// (ws://); over a network devices use Listen:Https (8443)."
        );

    private Finding Judge(X509Certificate2 leaf, X509Chain shown)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        foreach (var element in shown.ChainElements)
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        if (authorityPem is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.ImportFromPem(authorityPem);
        }
        var isGood = chain.Build(leaf);
        var faults = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        var now = time.GetUtcNow();
        // The clock first: it spoils the chain as well.
        if (OutOfTime(leaf, now) is { } outOfTime)
            return outOfTime;
        if (!isGood)
            return Untrusted(leaf, faults);
        if (!leaf.MatchesHostname(url.IdnHost))
            return Finding.Bad(
                "tls",
                $"the certificate is not for {url.IdnHost}, but for {Names(leaf)}",
                $"Connect by one of its names, or start the gateway with --Tls:Names={url.IdnHost} after deleting server.pem in its data folder."
            );
        var left = new DateTimeOffset(leaf.NotAfter) - now;
        var detail = $"{leaf.Subject}, signed by {leaf.Issuer}, valid until {leaf.NotAfter.ToUniversalTime():u}";
        return left < Soon
            ? Finding.Doubtful("tls", $"{detail}: {left.TotalDays:0} days", "Renew it now; see Tls:Certificate.")
            : Finding.Good("tls", detail);
    }

    private static Finding? OutOfTime(X509Certificate2 leaf, DateTimeOffset now)
    {
        if (now < new DateTimeOffset(leaf.NotBefore))
            return Finding.Bad(
                "tls",
                $"by this machine's clock ({now:u}) the certificate is not valid before {leaf.NotBefore.ToUniversalTime():u}",
                "Set this machine's clock ('timedatectl set-ntp true'); 'clock' below compares it with the gateway's."
            );
        if (now > new DateTimeOffset(leaf.NotAfter))
            return Finding.Bad(
                "tls",
                $"the certificate ended at {leaf.NotAfter.ToUniversalTime():u}; this machine's clock says {now:u}",
                "If the clock is right, renew the files of Tls:Certificate and Tls:Key: they are taken within a minute, without a restart. The gateway renews its own by itself: then look at its log."
            );
        return null;
    }

    private Finding Untrusted(X509Certificate2 leaf, X509ChainStatusFlags faults)
    {
        var next = authorityPem is null
            ? "Give the gateway's ca.pem (it is in its data folder) with --ca here, and to each device: that is the CA they trust."
            : "The CA given did not sign it. Take ca.pem from this gateway's data folder: a new data folder has a new CA. Behind a proxy that ends TLS, it is the proxy's CA.";
        return Finding.Bad("tls", $"{leaf.Subject} is signed by {leaf.Issuer}, which is not trusted ({faults})", next);
    }

    private static string Names(X509Certificate2 leaf) =>
        leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
            ? string.Join(
                ", ",
                names
                    .EnumerateDnsNames()
                    .Concat(names.EnumerateIPAddresses().Select(address => address.ToString()))
                    .Take(8)
            )
            : leaf.Subject;
}
