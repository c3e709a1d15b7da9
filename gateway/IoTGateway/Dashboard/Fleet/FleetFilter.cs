using System.Text.Json;

namespace IoTGateway.Dashboard.Fleet;

/// <summary>Which devices a page shows, and in which order.</summary>
/// <param name="Search">Part of an id, a name, a firmware or a board.</param>
/// <param name="Show">online, offline, disabled, or empty for all.</param>
/// <param name="Sort">seen, state, signal, value, firmware, or empty for the id.</param>
public sealed record FleetFilter(string Search, string Show, string Sort)
{
    private const int LongestWord = 100;

    public static FleetFilter None { get; } = new(string.Empty, string.Empty, string.Empty);

    public bool IsEmpty => Search.Length == 0 && Show.Length == 0;

    /// <summary>Of an address; what it does not know is as nothing.</summary>
    internal static FleetFilter Of(IQueryCollection query) =>
        new(Cut(query["q"]), Cut(query["show"]), Cut(query["sort"]));

    /// <summary>Of what a page says.</summary>
    internal static FleetFilter Of(JsonElement message) =>
        new(Word(message, "q"), Word(message, "show"), Word(message, "sort"));

    internal FleetRowData[] Apply(FleetEntry[] entries)
    {
        var rows = entries.Select(entry => entry.Read()).Where(Matches);
        return
        [
            .. Sort switch
            {
                "seen" => rows.OrderByDescending(row => row.SeenMs),
                "signal" => rows.OrderBy(row => row.Rssi ?? double.MaxValue),
                "value" => rows.OrderByDescending(row => row.Values.Count > 0 ? row.Values[0].Value : double.MinValue),
                "firmware" => rows.OrderBy(row => row.Firmware is null)
                    .ThenBy(row => row.Firmware, StringComparer.Ordinal),
                "state" => rows.OrderBy(row => row.Presence),
                _ => rows,
            },
        ];
    }

    private bool Matches(FleetRowData row) =>
        (Show.Length == 0 || Show == Words.Of(row.Presence))
        && (Search.Length == 0 || Has(row.Id) || Has(row.Name) || Has(row.Firmware) || Has(row.Board));

    private bool Has(string? text) => text?.Contains(Search, StringComparison.OrdinalIgnoreCase) == true;

    private static string Word(JsonElement message, string name) =>
        message.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String
            ? Cut(word.GetString())
            : string.Empty;

    private static string Cut(string? word) =>
        word is null ? string.Empty : word.Trim()[..Math.Min(word.Trim().Length, LongestWord)];
}
