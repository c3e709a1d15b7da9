using System.Net.Http.Json;
using System.Text.Json;
using IoTGateway.Tests;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests;

/// <summary>Clients in another language, with another WebSocket library, written from PROTOCOL.md alone.</summary>
public sealed class InteropTests
{
    private const string Python = "/usr/bin/python3";
    private const string Library = "/usr/lib/python3/dist-packages/websockets/__init__.py";

    [Theory]
    [InlineData("client.py", "temperature")]
    [InlineData("senml_client.py", "temperature")]
    [InlineData("http_client.py", "temperature")]
    public async Task A_client_written_from_PROTOCOL_md_is_acknowledged_and_gets_a_command(string script, string field)
    {
        ServerProcess.Require(Library, "python3-websockets");
        await using var gateway = await GatewayProcess.StartAsync();
        var token = await gateway.AddDeviceAsync("stranger");
        var client = ProgramRun.StartAsync(
            Python,
            [
                Path.Combine(RepositoryRoot.Path, "tests", "interop", script),
                "--url",
                gateway.Link.ToString(),
                "--ca",
                gateway.CaPath,
                "--token",
                token,
                "--rows",
                "5",
                "--expect-command",
            ]
        );
        using var command = await SendEchoAsync(gateway);
        var run = await client;
        Assert.True(run.ExitCode == 0, run.Output);

        var answer = await command.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("succeeded", answer.GetProperty("status").GetString());
        await gateway.UntilStoredAsync("stranger", "history");
        var readings = await gateway.GetAsync(
            $"/api/devices/stranger/readings?measurement=climate&field={field}&from=0"
        );
        Assert.Equal(
            [20.0, 20.01, 20.02, 20.03, 20.04],
            readings.GetProperty("points").EnumerateArray().Select(point => point[1].GetDouble())
        );
    }

    /// <summary>Queued until the client is there, then run.</summary>
    private static async Task<HttpResponseMessage> SendEchoAsync(GatewayProcess gateway)
    {
        var body = new
        {
            name = "echo",
            arguments = new { say = "hello" },
            ttlSeconds = 30,
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/devices/stranger/commands")
        {
            Content = JsonContent.Create(body),
        };
        request.Headers.Add("Prefer", "wait=30");
        return await gateway.Api.SendAsync(request);
    }
}
