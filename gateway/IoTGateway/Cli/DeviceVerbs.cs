using System.CommandLine;
using System.Text.Json;
using Spectre.Console;

namespace IoTGateway.Cli;

/// <summary><c>iotgw device …</c>: the registry.</summary>
internal static class DeviceVerbs
{
    private static readonly Argument<string> Id = new("id")
    {
        Description = $"Id of the device: {Devices.DeviceId.Rule}",
    };
    private static readonly Option<string?> Name = new("--name") { Description = "What people call it" };

    public static Command Create() =>
        new("device", "Register devices, and look at them")
        {
            new Command("add", "Register a device and print its token, once") { Id, Name }.Calling(AddAsync),
            new Command("list", "All devices").Calling(ListAsync),
            new Command("show", "One device") { Id }.Calling(ShowAsync),
            new Command("rotate", "Give a device a new token and print it, once; the old one ends at once")
            {
                Id,
            }.Calling(RotateAsync),
            new Command("disable", "Forbid a device to connect, and cut its link") { Id }.Calling(
                (r, c, e) => ChangeAsync(r, c, disabled: true, e)
            ),
            new Command("enable", "Allow a device to connect again") { Id }.Calling(
                (r, c, e) => ChangeAsync(r, c, disabled: false, e)
            ),
            SettingsVerb.Create(),
            new Command("remove", "Remove a device; what it sent stays in the history") { Id }.Calling(RemoveAsync),
        };

    /// <summary>The path of a device in the API.</summary>
    public static string PathOf(string id) => $"/api/devices/{Uri.EscapeDataString(id)}";

    private static async Task<int> AddAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var body = new { id = result.GetValue(Id), name = result.GetValue(Name) };
        return PrintToken(result, await client.CallAsync(HttpMethod.Post, "/api/devices", body, ending));
    }

    private static async Task<int> RotateAsync(ParseResult result, GatewayClient client, CancellationToken ending) =>
        PrintToken(
            result,
            await client.CallAsync(HttpMethod.Post, $"{PathOf(result.GetRequiredValue(Id))}/token", null, ending)
        );

    /// <summary>The token alone on standard output, so that a script can take it.</summary>
    private static int PrintToken(ParseResult result, JsonElement answer)
    {
        Console.WriteLine(
            result.GetValue(GatewayOptions.Json) ? answer.GetRawText() : answer.GetProperty("token").GetString()
        );
        return 0;
    }

    private static async Task<int> ListAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var devices = await client.CallAsync(HttpMethod.Get, "/api/devices", null, ending);
        if (result.GetValue(GatewayOptions.Json))
        {
            Console.WriteLine(devices.GetRawText());
            return 0;
        }
        var table = new Table { Border = TableBorder.None }.AddColumns(
            "ID",
            "NAME",
            "STATE",
            "FIRMWARE",
            "MESSAGES",
            "READINGS"
        );
        foreach (var device in devices.EnumerateArray())
        {
            var counters = device.GetProperty("counters");
            table.AddRow(
                new Text(Word(device, "id")),
                new Text(Word(device, "name")),
                new Text(State(device)),
                new Text(Word(device, "firmware")),
                new Text(Word(counters, "messages")),
                new Text(Word(counters, "readings"))
            );
        }
        AnsiConsole.Write(table);
        return 0;
    }

    private static async Task<int> ShowAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var device = await client.CallAsync(HttpMethod.Get, PathOf(result.GetRequiredValue(Id)), null, ending);
        Console.WriteLine(
            result.GetValue(GatewayOptions.Json) ? device.GetRawText() : JsonSerializer.Serialize(device, Indented)
        );
        return 0;
    }

    private static async Task<int> ChangeAsync(
        ParseResult result,
        GatewayClient client,
        bool disabled,
        CancellationToken ending
    )
    {
        var device = await client.CallAsync(
            HttpMethod.Patch,
            PathOf(result.GetRequiredValue(Id)),
            new { disabled },
            ending
        );
        Console.WriteLine(
            result.GetValue(GatewayOptions.Json)
                ? device.GetRawText()
                : $"{Word(device, "id")} is {(disabled ? "disabled" : "enabled")}."
        );
        return 0;
    }

    private static async Task<int> RemoveAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        await client.CallAsync(HttpMethod.Delete, PathOf(result.GetRequiredValue(Id)), null, ending);
        if (!result.GetValue(GatewayOptions.Json))
            Console.WriteLine($"{result.GetValue(Id)} is removed.");
        return 0;
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static string State(JsonElement device) =>
        device.GetProperty("disabled").GetBoolean() ? "disabled"
        : device.GetProperty("presence").GetProperty("online").GetBoolean() ? "online"
        : "offline";

    private static string Word(JsonElement element, string property) => element.GetProperty(property).ToString();
}
