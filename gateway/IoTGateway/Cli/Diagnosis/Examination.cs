using System.Security.Cryptography.X509Certificates;

namespace IoTGateway.Cli.Diagnosis;

/// <summary>What is looked at.</summary>
/// <param name="Url">The gateway: <c>http</c> or <c>https</c>.</param>
/// <param name="AuthorityPem">The CA that a device trusts; null for the system's.</param>
/// <param name="Token">A device's token; null: none is tried.</param>
internal sealed record Patient(Uri Url, string? AuthorityPem, string? Token);

/// <summary>
/// Every step to a working link, in its order: name, TCP, TLS, the gateway's own word on clock and handshake, the
/// upgrade, and where rows go. What needs a step that failed is left out.
/// </summary>
internal sealed class Examination(Patient patient, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<Finding> _findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancel)
    {
        if (await ReachAsync(cancel))
            await AskGatewayAsync(cancel);
        return _findings;
    }

    /// <summary>False where no word of the gateway can be had.</summary>
    private async Task<bool> ReachAsync(CancellationToken cancel)
    {
        if (!Add(await NetworkCheck.NameAsync(patient.Url.IdnHost, cancel)))
            return false;
        var (finding, connection) = await NetworkCheck.ConnectAsync(patient.Url, time, cancel);
        Add(finding);
        if (connection is null)
            return false;
        using (connection)
        {
            if (patient.Url.Scheme == Uri.UriSchemeHttps)
                Add(await new TlsCheck(patient.Url, patient.AuthorityPem, time).RunAsync(connection, cancel));
            return true;
        }
    }

    private async Task AskGatewayAsync(CancellationToken cancel)
    {
        // A secret goes only to whom the CA vouches for, or to this machine.
        var isSafe = patient.Url.IsLoopback || (patient.Url.Scheme == Uri.UriSchemeHttps && IsGoodSoFar);
        var token = isSafe ? patient.Token : null;
        using var http = Client();
        var check = new GatewayCheck(http, time);
        try
        {
            var (stranger, report) = await check.AskAsync(token, cancel);
            if (report is null)
            {
                if (stranger is not null && IsGoodSoFar)
                    Add(stranger);
                return;
            }
            Add(check.Clock(report));
            Add(
                !isSafe && patient.Token is not null
                    ? Finding.Doubtful(
                        "handshake",
                        "not tried: the token is sent only over TLS that is trusted",
                        "Mend 'tls' first, or give an https:// address."
                    )
                    : GatewayCheck.Handshake(report, token)
            );
            Add(await check.UpgradeAsync(cancel));
            foreach (var finding in await check.StoringAsync(cancel))
                Add(finding);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancel.IsCancellationRequested)
        {
            Add(
                Finding.Bad(
                    "gateway",
                    $"the conversation broke off: {e.Message}",
                    "Try again; look at the gateway's log."
                )
            );
        }
    }

    private bool IsGoodSoFar => _findings.TrueForAll(finding => finding.Verdict != Verdict.Bad);

    /// <summary>Takes what TLS shows, for the gateway's own word: <see cref="TlsCheck"/> has judged it, and no secret is sent.</summary>
    private HttpClient Client()
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            !IsGoodSoFar || IsTrusted(certificate as X509Certificate2, errors);
        return new HttpClient(handler) { BaseAddress = patient.Url, Timeout = Patience };
    }

    /// <summary>A second connection may meet another server than the one that was judged.</summary>
    private bool IsTrusted(X509Certificate2? leaf, System.Net.Security.SslPolicyErrors errors)
    {
        if (patient.AuthorityPem is null)
            return errors == System.Net.Security.SslPolicyErrors.None;
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPem(patient.AuthorityPem);
        return leaf is not null && chain.Build(leaf) && leaf.MatchesHostname(patient.Url.IdnHost);
    }

    private bool Add(Finding finding)
    {
        _findings.Add(finding);
        return finding.Verdict != Verdict.Bad;
    }
}
