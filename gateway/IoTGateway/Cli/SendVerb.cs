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
        var wait = result.GetValue(Wait);
        var body = new
        {
            name = result.GetValue(Name),
            arguments = ParseArguments(result.GetValue(Arguments)),
            ttlSeconds = result.GetValue(Ttl),
        };
        var path = $"{DeviceVerbs.PathOf(result.GetRequiredValue(Id))}/commands";
        var command = await client.CallAsync(HttpMethod.Post, path, body, ending, wait > 0 ? $"wait={wait}" : null);
        var status = command.GetProperty("status").GetString();
        if (result.GetValue(GatewayOptions.Json))
            Console.WriteLine(command.GetRawText());
        else
            Print(command, status);
        return status == "succeeded" ? 0 : CommandLine.Failed;
    }

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

    private static void Print(JsonElement command, string? status)
    {
        long? start = null;
        foreach (var change in command.GetProperty("changes").EnumerateArray())
        {
            var at = change.GetProperty("time").GetInt64();
            start ??= at;
            Console.WriteLine($"{at - start, 7} ms  {change.GetProperty("status").GetString()}");
        }
        if (command.GetProperty("result") is { ValueKind: not JsonValueKind.Null } answer)
            Console.WriteLine(answer.GetRawText());
        if (status is "queued" or "sent")
            Console.Error.WriteLine(
                $"No outcome yet: the command is {status}. It ends by itself when its time to live is over; wait longer with --wait."
            );
    }
}
