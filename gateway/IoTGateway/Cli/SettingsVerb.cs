using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace IoTGateway.Cli;

/// <summary><c>iotgw device settings</c>: what a device shall apply, beside what it says it does.</summary>
internal static class SettingsVerb
{
    private static readonly Argument<string> Id = new("id") { Description = "Id of the device" };
    private static readonly Argument<string?> Wish = new("json")
    {
        Description =
            """All settings to wish for, as a JSON object, such as '{"sampleIntervalMs":5000}'; without it they are shown""",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create() =>
        new Command("settings", "Show or change what a device shall apply") { Id, Wish }.Calling(RunAsync);

    private static async Task<int> RunAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var path = $"{DeviceVerbs.PathOf(result.GetRequiredValue(Id))}/settings";
        var settings = result.GetValue(Wish) is { } json
            ? await client.CallAsync(HttpMethod.Put, path, Parse(json), ending)
            : await client.CallAsync(HttpMethod.Get, path, null, ending);
        if (result.GetValue(GatewayOptions.Json))
            Console.WriteLine(settings.GetRawText());
        else
            Print(settings);
        return 0;
    }

    private static JsonElement Parse(string json)
    {
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new GatewayException(
                $"The settings are not JSON: {e.Message} Quote them for the shell: '{{\"sampleIntervalMs\":5000}}'."
            );
        }
    }

    private static void Print(JsonElement answer)
    {
        var (desired, reported) = (SettingsOf(answer, "desired"), SettingsOf(answer, "reported"));
        var drift = answer
            .GetProperty("drift")
            .EnumerateArray()
            .DistinctBy(key => key.GetProperty("key").GetString())
            .ToDictionary(
                key => key.GetProperty("key").GetString()!, // by the API's contract
                key => key.GetProperty("reason").GetString() ?? "differs"
            );
        var table = new Table { Border = TableBorder.None }.AddColumns("SETTING", "DESIRED", "REPORTED", "");
        foreach (var name in desired.Keys.Union(reported.Keys))
            table.AddRow(
                new Text(name),
                new Text(desired.GetValueOrDefault(name, "-")),
                new Text(reported.GetValueOrDefault(name, "-")),
                new Text(drift.GetValueOrDefault(name, ""))
            );
        table.AddRow(new Text("(version)"), VersionOf(answer, "desired"), VersionOf(answer, "reported"), new Text(""));
        AnsiConsole.Write(table);
        if (drift.Count > 0)
            Console.Error.WriteLine(
                "The device does not apply all that is desired: it gets it when it connects, and says here what it cannot take."
            );
    }

    private static Text VersionOf(JsonElement answer, string side) =>
        new(
            answer.GetProperty(side) is { ValueKind: JsonValueKind.Object } known
                ? known.GetProperty("version").ToString()
                : "-"
        );

    private static Dictionary<string, string> SettingsOf(JsonElement answer, string side) =>
        answer.GetProperty(side) is { ValueKind: JsonValueKind.Object } known
        && known.GetProperty("settings") is { ValueKind: JsonValueKind.Object } settings
            ? settings
                .EnumerateObject()
                .DistinctBy(one => one.Name)
                .ToDictionary(one => one.Name, one => one.Value.GetRawText())
            : [];
}
