namespace IoTGateway.Security;

/// <summary><c>Security:*</c>.</summary>
internal sealed class SecurityOptions
{
    /// <summary>The admin key of the API; made on the first start where it is not given.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Origins, comma-separated, whose pages may open a device link; none by default.</summary>
    public string AllowedOrigins { get; set; } = string.Empty;
}
