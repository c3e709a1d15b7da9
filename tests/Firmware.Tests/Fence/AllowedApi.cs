namespace Firmware.Tests.Fence;

/// <summary>
/// The framework members that firmware may use, from <c>allowed-api.txt</c>: ids as in XML documentation, under the
/// nanoFramework package that has them. What stands in for nanoFramework's own types is named without its namespace.
/// </summary>
internal sealed class AllowedApi
{
    private const string StandIns = "IoTGateway.VirtualDevice.StandIns.";

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);

    private AllowedApi() { }

    public IReadOnlyCollection<string> Ids => _ids;

    public static AllowedApi Load() =>
        Parse(File.ReadAllLines(Path.Combine(FirmwareSource.FenceFolder, "allowed-api.txt")));

    public static AllowedApi Parse(IEnumerable<string> lines)
    {
        var allowed = new AllowedApi();
        string? package = null;
        foreach (var line in lines)
        {
            var text = line.Split("  #")[0].Trim();
            if (text.StartsWith('['))
                package = text.Trim('[', ']');
            else if (text.Length > 0 && text[0] != '#')
            {
                if (package is null)
                    throw new InvalidOperationException($"'{text}' stands under no [package]");
                if (!allowed._ids.Add(text))
                    throw new InvalidOperationException($"'{text}' is listed twice");
            }
        }
        return allowed;
    }

    public bool Has(string id) => _ids.Contains(id);

    /// <summary>An id as the list has it.</summary>
    public static string Shorten(string id) => id.Replace(StandIns, "", StringComparison.Ordinal);
}
