namespace IoTGateway.Security;

/// <summary><c>Tls:*</c>: where the server certificate comes from.</summary>
internal sealed class TlsOptions
{
    /// <summary>PEM file of the certificate, its chain after it. Without it the gateway makes its own.</summary>
    public string? Certificate { get; set; }

    /// <summary>PEM file of its private key.</summary>
    public string? Key { get; set; }

    /// <summary>More names and addresses, comma-separated, that the gateway's own certificate shall be valid for.</summary>
    public string? Names { get; set; }

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.That(
                string.IsNullOrEmpty(Certificate) == string.IsNullOrEmpty(Key),
                $"Tls:Certificate is '{Certificate}' and Tls:Key is '{Key}': give both PEM files, or neither."
            )
        );
}
