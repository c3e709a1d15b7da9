using System.CommandLine;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace IoTGateway.Cli;

/// <summary><c>iotgw watch</c>: readings live in the terminal.</summary>
internal static class WatchVerb
{
    private static readonly Argument<string?> Id = new("id")
    {
        Description = "Id of a device; without it, all",
        Arity = ArgumentArity.ZeroOrOne,
    };
    private static readonly Option<int> Rows = new("--rows") { Description = "End after this many rows; 0 for no end" };

    public static Command Create() =>
        new Command("watch", "Show readings as they come") { Id, Rows }.Calling(WatchAsync);

    private static async Task<int> WatchAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var id = result.GetValue(Id);
        if (id is not null)
            await client.CallAsync(HttpMethod.Get, DeviceVerbs.PathOf(id), null, ending); // says so where there is none
        var left = result.GetValue(Rows);
        await using var stream = await client.OpenAsync(id is null ? "/api/live" : $"/api/live?device={id}", ending);
        try
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(ending))
            {
                Console.WriteLine(
                    result.GetValue(GatewayOptions.Json) ? item.Data : Line(JsonElement.Parse(item.Data))
                );
                if (--left == 0)
                    return 0;
            }
        }
        catch (IOException)
        {
            // Said below: a stream that breaks and one that ends are the same to whoever watches.
        }
        await Console.Error.WriteLineAsync(
            "The gateway ended the stream: it has stopped. Watch again when it is back."
        );
        return CommandLine.Failed;
    }

    private static string Line(JsonElement row)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(row.GetProperty("time").GetInt64()).ToLocalTime();
        var fields = row.GetProperty("fields")
            .EnumerateObject()
            .Select(field => $"{field.Name}={field.Value.GetRawText()}");
        return $"{time:HH:mm:ss.fff}  {row.GetProperty("device").GetString(), -16} {row.GetProperty("measurement").GetString(), -12} {string.Join("  ", fields)}";
    }
}
