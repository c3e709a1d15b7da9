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

    private static readonly Option<bool> Logs = new("--logs") { Description = "Show what devices log as well" };

    public static Command Create() =>
        new Command("watch", "Show readings as they come") { Id, Rows, Logs }.Calling(WatchAsync);

    private static async Task<int> WatchAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var id = result.GetValue(Id);
        if (id is not null)
            await client.CallAsync(HttpMethod.Get, DeviceVerbs.PathOf(id), null, ending); // says so where there is none
        var left = result.GetValue(Rows);
        await using var stream = await client.OpenAsync(PathOf(id, result.GetValue(Logs)), ending);
        try
        {
            await foreach (var item in SseParser.Create(stream).EnumerateAsync(ending))
            {
                var isLog = item.EventType == "log";
                Console.WriteLine(
                    result.GetValue(GatewayOptions.Json) ? item.Data
                    : isLog ? LogLine(JsonElement.Parse(item.Data))
                    : Line(JsonElement.Parse(item.Data))
                );
                if (!isLog && --left == 0)
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

    private static string PathOf(string? id, bool logs)
    {
        string[] query =
        [
            .. id is null ? [] : new[] { $"device={Uri.EscapeDataString(id)}" },
            .. logs ? new[] { "logs=true" } : [],
        ];
        return query.Length == 0 ? "/api/live" : $"/api/live?{string.Join('&', query)}";
    }

    private static DateTimeOffset TimeOf(JsonElement row) =>
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetProperty("time").GetInt64()).ToLocalTime();

    /// <summary>A device may say anything: what would move the terminal's cursor is shown as a dot.</summary>
    private static string LogLine(JsonElement line)
    {
        var text = $"{line.GetProperty("category").GetString()}: {line.GetProperty("message").GetString()}";
        var printable = string.Concat(text.Select(c => char.IsControl(c) ? '.' : c));
        return $"{TimeOf(line):HH:mm:ss.fff}  {line.GetProperty("device").GetString(), -16} {line.GetProperty("level").GetString(), -12} {printable}";
    }

    private static string Line(JsonElement row)
    {
        var time = TimeOf(row);
        var fields = row.GetProperty("fields")
            .EnumerateObject()
            .Select(field => $"{field.Name}={field.Value.GetRawText()}");
        return $"{time:HH:mm:ss.fff}  {row.GetProperty("device").GetString(), -16} {row.GetProperty("measurement").GetString(), -12} {string.Join("  ", fields)}";
    }
}
