using System.Reflection;
using System.Text.RegularExpressions;
using IoTGateway.Links;

namespace IoTGateway.Tests.Api;

/// <summary>gateway/README.md names every setting there is, and no other.</summary>
public sealed partial class SettingsDocumentTests
{
    /// <summary>What ASP.NET Core reads, and a test's own setting.</summary>
    private static readonly string[] NotOurs = ["Logging:Console:FormatterName", "Logging:LogLevel:Default"];
    private const string ForTests = "Diagnostics:KillAt";

    [Fact]
    public void Every_setting_is_in_the_table_of_the_README_and_every_one_there_exists()
    {
        var documented = Documented().Except(NotOurs).Order(StringComparer.Ordinal);
        Assert.Equal(Settings().Order(StringComparer.Ordinal), documented);
    }

    private static IEnumerable<string> Settings() =>
        from type in typeof(LimitsOptions).Assembly.GetTypes()
        where type.Name.EndsWith("Options", StringComparison.Ordinal)
        // What is bound to a section says what is wrong with it.
        where type.GetMethod("Errors") is not null || type == typeof(DiagnosticsOptions)
        let section = Section(type)
        from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        where property.GetSetMethod() is not null && $"{section}:{property.Name}" != ForTests
        select $"{section}:{property.Name}";

    private static string Section(Type type) =>
        type.Name[..^"Options".Length] switch
        {
            "MqttSink" => "Mqtt",
            "Alarm" => "Alarms",
            "Command" => "Commands",
            var name => name,
        };

    /// <summary>Of each row, the first cell: a name without a section has that of the one before it.</summary>
    private static IEnumerable<string> Documented()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "gateway", "README.md"));
        var table = readme[
            readme.IndexOf("| setting |", StringComparison.Ordinal)..readme.IndexOf("## HTTP", StringComparison.Ordinal)
        ];
        foreach (var row in table.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)))
        {
            var section = "";
            foreach (Match code in Code().Matches(row.Split('|')[1]))
            {
                var name = code.Groups["name"].Value;
                var at = name.LastIndexOf(':');
                section = at < 0 ? section : name[..at];
                yield return at < 0 ? $"{section}:{name}" : name;
            }
        }
    }

    [GeneratedRegex("`(?<name>[A-Za-z:]+)`", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Code();
}
