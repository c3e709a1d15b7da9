using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using IoTGateway.Cli.Diagnosis;
using IoTGateway.Devices;
using IoTGateway.Links;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Cli;

/// <summary>Every failure that a newcomer meets, brought about for real, and what the doctor says to do.</summary>
public sealed class DoctorVerbTests
{
    [Fact]
    public async Task A_link_that_works_is_good_at_every_step()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var findings = await ExamineAsync(gateway.Https, gateway.CaPem, token);
        Assert.All(findings, finding => Assert.Equal(Verdict.Good, finding.Verdict));
        Assert.Equal(
            ["name", "tcp", "tls", "clock", "handshake", "upgrade", "storing"],
            findings.Select(finding => finding.Step)
        );
        Assert.Contains("valid until", Find(findings, "tls").Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_nobody_knows()
    {
        var bad = Only(await ExamineAsync(new Uri("https://no-such-gateway.invalid:8443")));
        Expect(bad, "name", "no-such-gateway.invalid is not known here", "DNS server");
    }

    [Fact]
    public async Task Nothing_that_listens()
    {
        var bad = Only(await ExamineAsync(new Uri($"https://127.0.0.1:{ServerProcess.FreePort()}")));
        Expect(bad, "tcp", "cannot be opened", "Does the gateway run there");
    }

    [Fact]
    public void A_port_in_use_by_another_program()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var listen = new ListenOptions { Http = port, Https = ServerProcess.FreePort() };
        var findings = PortCheck.Look("/data", listen).ToArray();
        Expect(findings[0], "gateway", "none runs on the data folder /data", "iotgw serve");
        Assert.Equal(("port", Verdict.Good), (findings[1].Step, findings[1].Verdict));
        Expect(
            findings[2],
            "port",
            $"{port} (Listen:Http) is in use by another program",
            $"--Listen:Http={port + 1000}"
        );
    }

    [Fact]
    public async Task Another_program_where_the_gateway_should_be()
    {
        await using var stranger = await InfluxDbServer.StartAsync();
        var bad = Only(await ExamineAsync(new Uri(stranger.Url)));
        Expect(bad, "gateway", "that is no IoT Gateway", "Another program has this port");
    }

    [Fact]
    public async Task A_CA_that_is_not_trusted()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var other = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var none = await ExamineAsync(gateway.Https, null, token);
        Expect(Find(none, "tls"), "tls", "which is not trusted", "ca.pem (it is in its data folder) with --ca");
        // The rest is looked at all the same, and the token is kept back.
        Assert.Equal(Verdict.Good, Find(none, "clock").Verdict);
        Assert.Equal(Verdict.Good, Find(none, "upgrade").Verdict);
        var wrong = await ExamineAsync(gateway.Https, other.CaPem);
        Expect(Find(wrong, "tls"), "tls", "which is not trusted", "a new data folder has a new CA");
    }

    [Fact]
    public async Task A_name_that_is_not_in_the_certificate()
    {
        await using var gateway = await TestGateway.StartAsync();
        var byOtherAddress = new UriBuilder(gateway.Https) { Host = "127.0.0.2" }.Uri;
        await using var relay = await Relay.StartAsync(byOtherAddress, gateway.Https);
        var tls = Find(await ExamineAsync(byOtherAddress, gateway.CaPem), "tls");
        Expect(tls, "tls", "not for 127.0.0.2, but for localhost", "--Tls:Names=127.0.0.2");
    }

    [Fact]
    public async Task A_port_that_speaks_no_TLS()
    {
        await using var gateway = await TestGateway.StartAsync();
        var bad = Find(await ExamineAsync(new UriBuilder(gateway.Http) { Scheme = "https" }.Uri), "tls");
        Expect(bad, "tls", "does not speak TLS", "say http://");
    }

    [Theory]
    [InlineData(-4000, "is not valid before", "timedatectl set-ntp true")]
    [InlineData(4000, "the certificate ended at", "If the clock is right, renew")]
    public async Task A_wrong_clock(int days, string detail, string next)
    {
        await using var gateway = await TestGateway.StartAsync();
        var clock = new SetTime(TimeProvider.System.GetUtcNow().AddDays(days));
        var findings = await ExamineAsync(gateway.Https, gateway.CaPem, clock: clock);
        Expect(Find(findings, "tls"), "tls", detail, next);
        Expect(Find(findings, "clock"), "clock", "4000 days apart", "Set the one that is wrong");
    }

    [Theory]
    [InlineData("roof.wrong")]
    [InlineData("nobody.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not-a-token")]
    public async Task A_token_that_is_wrong(string token)
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        var bad = Only(await ExamineAsync(gateway.Https, gateway.CaPem, token));
        Expect(bad, "handshake", "401 (credentials)", "iotgw device rotate");
    }

    [Fact]
    public async Task A_proxy_that_strips_the_upgrade()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using (var stripping = await NginxServer.StartAsync(gateway.Http, passesUpgrades: false))
        {
            var bad = Only(await ExamineAsync(stripping.Url, token: token));
            Expect(bad, "upgrade", "a proxy in between takes 'Upgrade: websocket' away", "proxy_set_header Upgrade");
        }
        // With the lines that the advice gives, it is mended.
        await using var mended = await NginxServer.StartAsync(gateway.Http, passesUpgrades: true);
        Assert.All(
            await ExamineAsync(mended.Url, token: token),
            finding => Assert.Equal(Verdict.Good, finding.Verdict)
        );
    }

    [Fact]
    public async Task A_database_that_is_down()
    {
        var url = $"http://127.0.0.1:{ServerProcess.FreePort()}";
        await using var gateway = await TestGateway.StartAsync(
            $"--Influx:Url={url}",
            "--Influx:Version=1",
            "--Influx:Database=iotgw"
        );
        var token = await gateway.AddDeviceAsync("roof");
        await using (var link = await LinkClient.OpenAsync(gateway, token))
        {
            await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5));
            await link.AcknowledgedAsync(1, 1);
        }
        await Patience.UntilAsync(
            async () => (await gateway.Client.GetStringAsync("/readyz")).Contains("influx", StringComparison.Ordinal),
            "the gateway notices that the database is down"
        );
        var bad = Only(await ExamineAsync(gateway.Https, gateway.CaPem, token));
        Expect(bad, "database", "check Influx:Url, and that the database is running", "Rows wait in the journal");
    }

    [Fact]
    public async Task A_device_that_was_never_here_is_disabled_or_has_a_wrong_clock()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        Assert.Contains("was never here", Assert.Single(await JudgeAsync(gateway)).Detail, StringComparison.Ordinal);
        // Its HELLO tells the time of an hour ago.
        await using var link = await LinkClient.OpenAsync(gateway, token);
        var here = await JudgeAsync(gateway);
        Assert.Contains("is connected", here[0].Detail, StringComparison.Ordinal);
        Expect(here[1], "clock", "minutes behind", "time server");
        Assert.True(await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", true, Patience.Token()));
        Expect((await JudgeAsync(gateway))[0], "device", "is disabled", "iotgw device enable roof");
    }

    private static async Task<Finding[]> JudgeAsync(TestGateway gateway) =>
        [.. DeviceCheck.Judge(JsonElement.Parse(await gateway.Client.GetStringAsync("/api/devices/roof")), "roof")];

    private static Task<IReadOnlyList<Finding>> ExamineAsync(
        Uri url,
        string? ca = null,
        string? token = null,
        TimeProvider? clock = null
    ) => new Examination(new Patient(url, ca, token), clock ?? TimeProvider.System).RunAsync(Patience.Token());

    private static Finding Find(IReadOnlyList<Finding> findings, string step) =>
        Assert.Single(findings, finding => finding.Step == step);

    private static Finding Only(IReadOnlyList<Finding> findings) =>
        Assert.Single(findings, finding => finding.Verdict == Verdict.Bad);

    private static void Expect(Finding finding, string step, string detail, string next)
    {
        Assert.Equal((step, Verdict.Bad), (finding.Step, finding.Verdict));
        Assert.Contains(detail, finding.Detail, StringComparison.Ordinal);
        Assert.Contains(next, finding.Next, StringComparison.Ordinal);
    }
}
