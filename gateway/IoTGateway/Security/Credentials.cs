using IoTGateway.Devices;

namespace IoTGateway.Security;

/// <summary>What stands behind <c>Authorization: Bearer</c>: for a device <c>&lt;deviceId&gt;.&lt;secret&gt;</c>.</summary>
internal readonly ref struct Credentials(ReadOnlySpan<char> device, ReadOnlySpan<char> secret)
{
    private const string Scheme = "Bearer ";

    public ReadOnlySpan<char> Device { get; } = device;

    public ReadOnlySpan<char> Secret { get; } = secret;

    /// <summary>An id may hold dots and a base64url secret cannot: the last dot parts the two.</summary>
    public static bool TryParse(ReadOnlySpan<char> header, out Credentials credentials)
    {
        credentials = default;
        if (!TryParseBearer(header, out var token))
            return false;
        var dot = token.LastIndexOf('.');
        if (dot <= 0 || dot == token.Length - 1 || !DeviceId.IsValid(token[..dot]))
            return false;
        credentials = new Credentials(token[..dot], token[(dot + 1)..]);
        return true;
    }

    /// <summary>The token of a bearer header.</summary>
    public static bool TryParseBearer(ReadOnlySpan<char> header, out ReadOnlySpan<char> token)
    {
        var isBearer = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        token = isBearer ? header[Scheme.Length..].Trim() : default;
        return !token.IsEmpty;
    }
}
