using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using IoTGateway.Security;
using IoTGateway.Tests.Dashboard;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Security;

/// <summary>What gateway/README.md says of rotation: certificates, tokens and keys change while the gateway runs.</summary>
public sealed class RotationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_next_handshake_shows_the_new_certificate_and_a_link_that_is_open_stays()
    {
        Give("first.example", TimeSpan.Zero);
        await using var gateway = await TestGateway.StartAsync(
            $"--Tls:Certificate={In("given.pem")}",
            $"--Tls:Key={In("given.key")}"
        );
        // What a test's device trusts; this link has no TLS.
        File.Copy(In("given.pem"), Path.Combine(gateway.Folder, "ca.pem"));
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        Assert.Equal("CN=first.example", await ShownAsync(gateway));

        Give("second.example", TimeSpan.FromMinutes(1));
        gateway.Get<ServerCertificate>().Refresh();
        Assert.Equal("CN=second.example", await ShownAsync(gateway));
        await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
        await link.AcknowledgedAsync(1, 1);
    }

    [Fact]
    public async Task Changed_files_are_shown_within_a_minute_by_themselves()
    {
        var time = new SlowTimers();
        Give("first.example", TimeSpan.Zero);
        await using var gateway = await TestGateway.StartAsync(
            time,
            $"--Tls:Certificate={In("given.pem")}",
            $"--Tls:Key={In("given.key")}"
        );
        Give("second.example", TimeSpan.FromMinutes(1));
        Assert.Equal("CN=first.example", await ShownAsync(gateway));
        // More than once, for the gateway may not have begun to wait when it says that it has started.
        await Patience.UntilAsync(
            async () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return await ShownAsync(gateway) == "CN=second.example";
            },
            "the new certificate"
        );
    }

    [Fact]
    public async Task Another_token_ends_the_link_of_the_one_before_and_opens_its_own()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        var answer = await PostAsync(gateway.Client, "/api/devices/roof/token");
        await link.ClosedAsync();
        await using var again = await LinkClient.OpenAsync(gateway, answer.GetProperty("token").GetString()!); // asserted by OpenAsync
        await again.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
        await again.AcknowledgedAsync(1, 1);
    }

    [Theory]
    [InlineData("ops")]
    [InlineData(ApiKeys.AdminName)]
    public async Task Another_key_for_a_name_has_its_role_and_ends_the_one_before_with_its_sessions(string name)
    {
        await using var gateway = await TestGateway.StartAsync();
        var keys = gateway.Get<ApiKeys>();
        var before = name == ApiKeys.AdminName ? gateway.AdminKey : keys.Add(name, Role.Operator)!; // the name is free
        var role = keys.Find(before)!.Value.Role; // just made
        using var browser = await Browser.SignedInAsync(gateway, before);
        var answer = await PostAsync(gateway.Client, $"/api/keys/{name}/key");
        Assert.Null(keys.Find(before));
        Assert.Equal(role, keys.Find(answer.GetProperty("key").GetString())?.Role);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/")).Status);
    }

    [Fact]
    public async Task An_unknown_name_has_no_other_key_and_an_admin_key_of_the_settings_is_changed_there()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var unknown = await gateway.Client.PostAsync("/api/keys/nobody/key", null);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        gateway.Get<ApiKeys>().EnsureAdminKey(gateway.AdminKey);
        using var given = await gateway.Client.PostAsync("/api/keys/admin/key", null);
        Assert.Equal(HttpStatusCode.Conflict, given.StatusCode);
        Assert.Contains("Security:AdminKey", await given.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(gateway.Get<ApiKeys>().Find(gateway.AdminKey));
    }

    private static async Task<JsonElement> PostAsync(HttpClient client, string path)
    {
        using var answer = await client.PostAsync(path, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<string> ShownAsync(TestGateway gateway)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync("127.0.0.1", gateway.Https.Port);
        var shown = string.Empty;
        await using var tls = new SslStream(connection.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "first.example",
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate?.Subject ?? string.Empty;
                    return shown.Length > 0;
                },
            }
        );
        return shown;
    }

    private string In(string file) => Path.Combine(_folder, file);

    private void Give(string name, TimeSpan later)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            now.AddDays(-1),
            now.AddDays(90)
        );
        File.WriteAllText(In("given.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(In("given.key"), key.ExportPkcs8PrivateKeyPem());
        foreach (var file in new[] { "given.pem", "given.key" })
            File.SetLastWriteTimeUtc(In(file), (now + later).UtcDateTime);
    }
}
