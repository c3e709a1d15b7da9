using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoTGateway.Bench;

/// <summary>
/// What a verb prints and writes: where it was measured and with what settings, its tables, and the same as JSON.
/// </summary>
/// <example>
/// <code>
/// var report = Report.Begin("wire", settings, $"{rows:N0} rows");
/// var table = report.Table("rows a message", "bytes");
/// table.Row($"{rows}", $"{bytes:N0}");
/// report.Add("costs", costs);
/// await report.SaveAsync(result.GetValue(json));
/// </code>
/// </example>
internal sealed class Report
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly Dictionary<string, object> _fields = new(StringComparer.Ordinal);

    private Report() { }

    /// <summary>The option of every verb: where the result goes for programs.</summary>
    public static Option<FileInfo?> JsonOption() =>
        new("--json") { Description = "Also write the result to this file" };

    /// <summary>An option that is a number.</summary>
    public static Option<int> Number(string name, string description, int value) =>
        new(name) { Description = description, DefaultValueFactory = _ => value };

    /// <summary>Prints what is said above every result.</summary>
    /// <param name="verb">Its name on the command line.</param>
    /// <param name="settings">For programs.</param>
    /// <param name="inWords">The same for people, in a line.</param>
    public static Report Begin(string verb, object settings, FormattableString inWords)
    {
        var report = new Report();
        var machine = Machine.Here();
        report.Add("verb", verb);
        report.Add("machine", machine);
        report.Add("settings", settings);
        Console.WriteLine(machine);
        Console.WriteLine(FormattableString.Invariant(inWords));
        return report;
    }

    /// <summary>Starts a table: prints its head.</summary>
    /// <param name="columns">The first is text, the others are numbers.</param>
    public Table Table(params string[] columns) => new(columns);

    /// <summary>Prints a line of text between tables.</summary>
    public void Say(FormattableString text)
    {
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant(text));
    }

    /// <summary>Keeps a result for programs.</summary>
    public void Add(string name, object result) => _fields.Add(name, result);

    /// <summary>Everything added, as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(_fields, Indented);

    /// <summary>Writes the JSON, where somebody asked for it.</summary>
    public Task SaveAsync(FileInfo? json) =>
        json is null ? Task.CompletedTask : File.WriteAllTextAsync(json.FullName, ToJson());
}
