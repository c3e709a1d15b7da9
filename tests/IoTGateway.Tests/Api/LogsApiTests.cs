using System.Net;
using System.Text.Json;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks.History;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Api;

/// <summary>/api/devices/{id}/logs: from the link to the answer.</summary>
public sealed class LogsApiTests
{
    [Fact]
    public async Task Lines_come_back_oldest_first_by_level_time_and_limit()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        for (byte level = 0; level <= 5; level++)
            await roof.SendAsync(Line(level, House.Noon + level, $"line {level}").Write);
        await UntilAsync(gateway, "", 6);

        var all = await GetAsync(gateway, "");
        Assert.Equal(
            ["trace", "debug", "information", "warning", "error", "critical"],
            all.Select(line => line.GetProperty("level").GetString())
        );
        Assert.Equal(House.Noon, all[0].GetProperty("time").GetInt64());
        Assert.Equal("link", all[0].GetProperty("category").GetString());
        Assert.Equal("line 0", all[0].GetProperty("message").GetString());
        Assert.Equal(["line 3", "line 4", "line 5"], await MessagesAsync(gateway, "?level=warning"));
        Assert.Equal(["line 4", "line 5"], await MessagesAsync(gateway, "?level=4"));
        Assert.Equal(["line 1", "line 2"], await MessagesAsync(gateway, $"?from={House.Noon + 1}&to={House.Noon + 2}"));
        Assert.Equal(["line 4", "line 5"], await MessagesAsync(gateway, "?limit=2"));
    }

    [Fact]
    public async Task A_line_of_a_device_that_knows_no_time_stands_at_its_boot_time_or_where_it_came()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var before = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await roof.SendAsync(new DeviceLog(3, ClockKind.SinceBoot, 5_000, "link", "early").Write);
        await UntilAsync(gateway, "", 1);
        var time = Assert.Single(await GetAsync(gateway, "")).GetProperty("time").GetInt64();
        Assert.InRange(time, before - 3_600_000, before + 60_000);
    }

    [Fact]
    public async Task The_newest_lines_of_each_device_are_kept_over_a_restart_and_no_more()
    {
        await using var gateway = await TestGateway.StartAsync();
        const int Sent = NoteWriter.MostLogLines + 50;
        await using (var cellar = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("cellar")))
        {
            await cellar.SendAsync(Line(2, House.Noon, "the only one").Write);
            await Patience.UntilAsync(
                async () => (await MessagesAsync(gateway, "", "cellar")).Length == 1,
                "the cellar's line"
            );
        }
        await using (var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof")))
        {
            for (var i = 0; i < Sent; i++)
                await roof.SendAsync(Line(2, House.Noon + i, $"{i}").Write);
            await Patience.UntilAsync(
                async () => (await MessagesAsync(gateway, "?limit=1")).LastOrDefault() == $"{Sent - 1}",
                "the last line"
            );
        }
        await gateway.RestartAsync();
        var messages = await MessagesAsync(gateway, $"?limit={NoteWriter.MostLogLines}");
        Assert.Equal(Enumerable.Range(50, NoteWriter.MostLogLines).Select(i => $"{i}"), messages);
        Assert.Equal(["the only one"], await MessagesAsync(gateway, "", "cellar"));
    }

    [Theory]
    [InlineData("?level=loud", "trace, debug")]
    [InlineData("?level=6", "trace, debug")]
    [InlineData("?limit=0", "limit")]
    [InlineData("?limit=1001", "limit")]
    [InlineData("?from=yesterday", "ISO 8601")]
    [InlineData("?from=2&to=1", "after")]
    public async Task What_cannot_be_asked_is_refused_in_words(string query, string word)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        using var refused = await gateway.Client.GetAsync($"/api/devices/roof/logs{query}");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains(word, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var unknown = await gateway.Client.GetAsync("/api/devices/nobody/logs");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static DeviceLog Line(byte level, long unixMs, string message) =>
        new(level, ClockKind.Unix, (ulong)unixMs, "link", message);

    private static async Task<JsonElement[]> GetAsync(TestGateway gateway, string query, string device = "roof") =>
        [
            .. JsonElement
                .Parse(await gateway.Client.GetStringAsync($"/api/devices/{device}/logs{query}"))
                .EnumerateArray(),
        ];

    private static async Task<string[]> MessagesAsync(TestGateway gateway, string query, string device = "roof") =>
        [.. (await GetAsync(gateway, query, device)).Select(line => line.GetProperty("message").GetString() ?? "")];

    private static Task UntilAsync(TestGateway gateway, string query, int lines) =>
        Patience.UntilAsync(async () => (await GetAsync(gateway, query)).Length == lines, $"{lines} lines");
}
