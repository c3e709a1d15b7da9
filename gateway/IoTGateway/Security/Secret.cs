using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IoTGateway.Security;

/// <summary>
/// A secret is 256 random bits as base64url, shown once. At rest there is only its SHA-256: with that much entropy
/// nothing is won by a slow hash.
/// </summary>
internal static class Secret
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    public static string New()
    {
        Span<byte> bits = stackalloc byte[32];
        RandomNumberGenerator.Fill(bits);
        return Base64Url.EncodeToString(bits);
    }

    public static byte[] Hash(ReadOnlySpan<char> secret)
    {
        var hash = new byte[HashBytes];
        Hash(secret, hash);
        return hash;
    }

    /// <summary>Compares in constant time. No stored hash costs the same time and never matches.</summary>
    public static bool Matches(ReadOnlySpan<char> secret, byte[]? storedHash)
    {
        Span<byte> hash = stackalloc byte[HashBytes];
        Hash(secret, hash);
        var equal = CryptographicOperations.FixedTimeEquals(hash, storedHash ?? NoHash);
        return equal && storedHash is not null;
    }

    private static readonly byte[] NoHash = new byte[HashBytes];

    private static void Hash(ReadOnlySpan<char> secret, Span<byte> hash)
    {
        // Longer than any secret of ours: it cannot match, and must not make us allocate.
        Span<byte> utf8 = stackalloc byte[512];
        if (!Encoding.UTF8.TryGetBytes(secret, utf8, out var count))
            count = 0;
        SHA256.HashData(utf8[..count], hash);
    }
}
