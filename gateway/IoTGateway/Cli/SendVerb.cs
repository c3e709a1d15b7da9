using System.CommandLine;
using System.Text.Json;

namespace IoTGateway.Cli;

/// <summary><c>iotgw send</c>: sends a command and shows its way. Exit code 0 only on success.</summary>
internal static class SendVerb
{
    private static readonly Argument<string> Id = new("id") { Description = "Id of the device" };
    private static readonly Argument<string> Name = new("name") { Description = "Name of the command, such as led" };
    private static readonly Argument<string?> Arguments = new("json")
    {
        Description = """Its arguments as a JSON object, such as '{"on":true}'""",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<int> Ttl = new("--ttl")
    {
        Description = "Seconds after which the device must not run it any more",
        DefaultValueFactory = _ => 30,
    };
    private static readonly Option<int> Wait = new("--wait")
    {
        Description = "Seconds to wait for its outcome",
        DefaultValueFactory = _ => 5,
    };

    public static Command Create() =>
        new Command("send", "Send a command to a device, and show what became of it")
        {
            Id,
            Name,
            Arguments,
            Ttl,
            Wait,
        }.Calling(SendAsync);

    private static async Task<int> SendAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var body = new
        {
            name = result.GetValue(Name),
            arguments = ParseArguments(result.GetValue(Arguments)),
            ttlSeconds = result.GetValue(Ttl),
        };
        var path = $"{DeviceVerbs.PathOf(result.GetRequiredValue(Id))}/commands";
        var command = await client.CallAsync(HttpMethod.Post, path, body, ending);
        var json = result.GetValue(GatewayOptions.Json);
        if (!json)
            Print(command, shown: 0);
        command = await FollowAsync(client, path, command, TimeSpan.FromSeconds(result.GetValue(Wait)), !json, ending);
        var status = StatusOf(command);
        if (json)
            Console.WriteLine(command.GetRawText());
        else
            PrintEnd(command, status);
        return status == "succeeded" ? 0 : CommandLine.Failed;
    }

    /// <summary>Shows each step as it comes, until the last or until the time is over.</summary>
    private static async Task<JsonElement> FollowAsync(
        GatewayClient client,
        string path,
        JsonElement command,
        TimeSpan wait,
        bool print,
        CancellationToken ending
    )
    {
        var start = TimeProvider.System.GetTimestamp();
        while (StatusOf(command) is "queued" or "sent")
        {
            var left = (wait - TimeProvider.System.GetElapsedTime(start)).TotalSeconds;
            if (left <= 0)
                break;
            var shown = command.GetProperty("changes").GetArrayLength();
            command = await client.CallAsync(
                HttpMethod.Get,
                $"{path}/{command.GetProperty("id").GetString()}?changes={shown}",
                null,
                ending,
                $"wait={Math.Ceiling(left):0}"
            );
            if (print)
                Print(command, shown);
        }
        return command;
    }

    private static string? StatusOf(JsonElement command) => command.GetProperty("status").GetString();

    private static JsonElement? ParseArguments(string? json)
    {
        if (json is null)
            return null;
        try
        {
            return JsonElement.Parse(json);
        }
        catch (JsonException e)
        {
            throw new GatewayException(
                $"The arguments are not JSON: {e.Message} Quote them for the shell: '{{\"on\":true}}'."
            );
        }
    }

    /// <summary>The changes beyond those shown before.</summary>
    private static void Print(JsonElement command, int shown)
    {
        var changes = command.GetProperty("changes");
        var start = changes[0].GetProperty("time").GetInt64();
        foreach (var change in changes.EnumerateArray().Skip(shown))
            Console.WriteLine(
                $"{change.GetProperty("time").GetInt64() - start, 7} ms  {change.GetProperty("status").GetString(), -9}  {change.GetProperty("by").GetString()}"
            );
    }

    private static void PrintEnd(JsonElement command, string? status)
    {
        if (command.GetProperty("result") is { ValueKind: not JsonValueKind.Null } answer)
            Console.WriteLine(answer.GetRawText());
        if (status is "queued" or "sent")
            Console.Error.WriteLine(
                $"No outcome yet: the command is {status}. It ends by itself when its time to live is over; wait longer with --wait."
            );
    }
}
