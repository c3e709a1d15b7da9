using System.Text.Json;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Live;

/// <summary>/api/live?logs=true: log lines among the rows, as events of their own.</summary>
public sealed class LiveLogsTests
{
    [Fact]
    public async Task Log_lines_are_events_of_their_own_for_those_who_asked_and_nobody_else()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await using var cellar = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("cellar"));
        using var both = await WatchAsync(gateway, "?device=roof&logs=true");
        using var rows = await WatchAsync(gateway, "");
        await cellar.SendAsync(Line("not of the roof").Write);
        await roof.SendAsync(Line("first").Write);
        await roof.SendAsync(House.Telemetry(1, 1, House.Noon, 20));

        var (type, line) = await NextAsync(both);
        Assert.Equal("log", type);
        Assert.Equal(
            $$"""{"device":"roof","time":{{House.Noon}},"level":"warning","category":"link","message":"first"}""",
            line.GetRawText()
        );
        var (second, row) = await NextAsync(both);
        Assert.Null(second);
        Assert.Equal("climate", row.GetProperty("measurement").GetString());

        var (only, firstOfRows) = await NextAsync(rows);
        Assert.Null(only);
        Assert.Equal("climate", firstOfRows.GetProperty("measurement").GetString());
    }

    private static DeviceLog Line(string message) => new(3, ClockKind.Unix, (ulong)House.Noon, "link", message);

    private static async Task<StreamReader> WatchAsync(TestGateway gateway, string query)
    {
        var events = new StreamReader(await gateway.Client.GetStreamAsync($"/api/live{query}"));
        Assert.StartsWith(":", await events.ReadLineAsync(Patience.Token()), StringComparison.Ordinal);
        return events;
    }

    private static async Task<(string? Type, JsonElement Data)> NextAsync(StreamReader events)
    {
        string? type = null;
        while (true)
        {
            var line = await events.ReadLineAsync(Patience.Token());
            Assert.NotNull(line);
            if (line.StartsWith("event: ", StringComparison.Ordinal))
                type = line["event: ".Length..];
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return (type, JsonElement.Parse(line["data: ".Length..]));
        }
    }
}
