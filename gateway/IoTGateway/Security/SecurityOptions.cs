namespace IoTGateway.Security;

/// <summary><c>Security:*</c>.</summary>
internal sealed class SecurityOptions
{
    private const int ShortestKey = 16;
    private const int LongestKey = 256;

    /// <summary>The admin key of the API; made on the first start where it is not given.</summary>
    public string? AdminKey { get; set; }

    /// <summary>Origins, comma-separated, whose pages may open a device link; none by default.</summary>
    public string AllowedOrigins { get; set; } = string.Empty;

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            // The one setting whose value no error may show.
            Setting.That(
                string.IsNullOrEmpty(AdminKey)
                    || (
                        AdminKey.Length is >= ShortestKey and <= LongestKey
                        && AdminKey.All(key => key is > ' ' and <= '~')
                    ),
                $"Security:AdminKey has {AdminKey?.Length} characters: allowed are {ShortestKey} to {LongestKey}, all of them visible ASCII without spaces."
            )
        );
}
