using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace IoTGateway.Cli;

/// <summary><c>iotgw key …</c>: who may call the API and look at the dashboard.</summary>
internal static class KeyVerbs
{
    private static readonly Argument<string> Name = new("name")
    {
        Description = $"Name of the key: {Security.ApiKeys.NameRule}",
    };
    private static readonly Option<string> Role = new("--role")
    {
        Description =
            "viewer: looks; operator: also sends commands, changes settings and alarms; admin: also adds and removes devices and keys",
        DefaultValueFactory = _ => "viewer",
    };

    public static Command Create() =>
        new("key", "Make keys for people and programs, and end them")
        {
            new Command("add", "Make a key and print it, once") { Name, Role }.Calling(AddAsync),
            new Command("rotate", "Make another key for a name and print it, once; the one before ends at once")
            {
                Name,
            }.Calling(RotateAsync),
            new Command("list", "All keys and their roles").Calling(ListAsync),
            new Command("remove", "End a key, and what is signed in by it") { Name }.Calling(RemoveAsync),
        };

    private static async Task<int> AddAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var body = new { name = result.GetValue(Name), role = result.GetValue(Role) };
        return Print(result, await client.CallAsync(HttpMethod.Post, "/api/keys", body, ending));
    }

    private static async Task<int> RotateAsync(ParseResult result, GatewayClient client, CancellationToken ending) =>
        Print(result, await client.CallAsync(HttpMethod.Post, PathOf(result) + "/key", null, ending));

    private static int Print(ParseResult result, JsonElement answer)
    {
        Console.WriteLine(
            result.GetValue(GatewayOptions.Json) ? answer.GetRawText() : answer.GetProperty("key").GetString()
        );
        return 0;
    }

    private static async Task<int> ListAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var keys = await client.CallAsync(HttpMethod.Get, "/api/keys", null, ending);
        if (result.GetValue(GatewayOptions.Json))
        {
            Console.WriteLine(keys.GetRawText());
            return 0;
        }
        var table = new Table { Border = TableBorder.None }.AddColumns("NAME", "ROLE");
        foreach (var key in keys.EnumerateArray())
            table.AddRow(new Text(Word(key, "name")), new Text(Word(key, "role")));
        AnsiConsole.Write(table);
        return 0;
    }

    private static async Task<int> RemoveAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        await client.CallAsync(HttpMethod.Delete, PathOf(result), null, ending);
        if (!result.GetValue(GatewayOptions.Json))
            Console.WriteLine($"{result.GetValue(Name)} is removed.");
        return 0;
    }

    private static string PathOf(ParseResult result) =>
        $"/api/keys/{Uri.EscapeDataString(result.GetRequiredValue(Name))}";

    private static string Word(JsonElement element, string property) => element.GetProperty(property).ToString();
}
