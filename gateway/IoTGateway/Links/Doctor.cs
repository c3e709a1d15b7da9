using IoTGateway.Security;

namespace IoTGateway.Links;

/// <summary><c>GET /v1/doctor</c>: what the handshake would answer this sender, and why. Costs no attempt.</summary>
internal static class Doctor
{
    public static IResult Examine(
        HttpContext context,
        Handshake handshake,
        ServerCertificate certificate,
        TimeProvider time
    )
    {
        var answer = handshake.Foresee(context);
        var chain = certificate.Chain.Select(link => new CertificateReport(
            link.Subject,
            link.Issuer,
            link.NotBefore.ToUniversalTime(),
            link.NotAfter.ToUniversalTime()
        ));
        return TypedResults.Ok(
            new DoctorReport(
                new HandshakeReport(answer.Status, Words.Of(answer.Refusal), answer.Detail),
                time.GetUtcNow().ToUnixTimeMilliseconds(),
                Handshake.Subprotocols,
                [.. chain]
            )
        );
    }
}

/// <summary>What a handshake with these credentials would come to.</summary>
/// <param name="Status">101 where it would succeed.</param>
/// <param name="Reason">Why not, as in the metric.</param>
/// <param name="Detail">What to do next.</param>
internal sealed record HandshakeReport(int Status, string Reason, string Detail);

/// <summary>A certificate that the gateway shows.</summary>
internal sealed record CertificateReport(string Subject, string Issuer, DateTime NotBefore, DateTime NotAfter);

/// <summary>The doctor's answer.</summary>
/// <param name="Handshake">Whether the sender may connect.</param>
/// <param name="TimeMs">The gateway's clock, Unix milliseconds.</param>
/// <param name="Subprotocols">Those spoken here.</param>
/// <param name="Certificates">The chain shown, leaf first.</param>
internal sealed record DoctorReport(
    HandshakeReport Handshake,
    long TimeMs,
    string[] Subprotocols,
    CertificateReport[] Certificates
);
