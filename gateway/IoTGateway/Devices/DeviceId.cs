using System.Buffers;

namespace IoTGateway.Devices;

/// <summary>What a device may be called: <c>[a-z0-9][a-z0-9._-]{0,62}</c>, fit for topics, tags, file names and URLs.</summary>
internal static class DeviceId
{
    private static readonly SearchValues<char> First = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");
    private static readonly SearchValues<char> Rest = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-");

    public const string Rule = "1 to 63 characters of a-z, 0-9, '.', '_' and '-', the first a letter or a digit";

    public static bool IsValid(ReadOnlySpan<char> id) =>
        id.Length is >= 1 and <= 63 && First.Contains(id[0]) && !id.ContainsAnyExcept(Rest);
}
