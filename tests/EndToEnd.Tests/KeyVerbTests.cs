using System.Net;
using System.Net.Http.Headers;

namespace EndToEnd.Tests;

/// <summary><c>iotgw key …</c> as a person types it, against a gateway on the same machine.</summary>
public sealed class KeyVerbTests
{
    [Fact]
    public async Task A_key_is_made_with_a_role_rotated_and_removed()
    {
        await using var gateway = await GatewayProcess.StartAsync();
        var first = await RunAsync(gateway, "add", "wall", "--role", "viewer");
        Assert.Equal((0, HttpStatusCode.OK), (first.ExitCode, await AskAsync(gateway, first)));
        var second = await RunAsync(gateway, "rotate", "wall");
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, first));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(gateway, second));
        Assert.Matches("(?m)^wall +viewer", (await RunAsync(gateway, "list")).Output);
        Assert.Equal(0, (await RunAsync(gateway, "remove", "wall")).ExitCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(gateway, second));

        // The tests give it by the setting, and there it is changed.
        var admin = await RunAsync(gateway, "rotate", "admin");
        Assert.Equal(1, admin.ExitCode);
        Assert.Contains("Security:AdminKey", admin.Output, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> AskAsync(GatewayProcess gateway, ProgramRun key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/devices");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key.Output.Trim());
        using var answer = await gateway.Api.SendAsync(request);
        return answer.StatusCode;
    }

    private static Task<ProgramRun> RunAsync(GatewayProcess gateway, params string[] arguments) =>
        ProgramRun.StartAsync("dotnet", [GatewayProcess.Dll, "key", .. arguments, "--data", gateway.Folder]);
}
