using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using IoTGateway.Bench.Transports;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>What a right handshake is answered, and the TLS below it.</summary>
public sealed class UpgradeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_right_handshake_is_101_with_the_accept_of_its_key_one_subprotocol_and_no_extension(bool tls)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = RawRequest
            .Link(await gateway.AddDeviceAsync("roof"))
            .With("Sec-WebSocket-Protocol", "mqtt, iotgw.v1, senml.json")
            .Plus("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits");
        await using var connection = await RawConnection.OpenAsync(gateway, tls);
        var response = await connection.AskAsync(request);
        Assert.Equal(101, response.Status);
        Assert.Equal("websocket", response["Upgrade"]);
        Assert.Equal("Upgrade", response["Connection"]);
        Assert.Equal(RawRequest.Accept, response["Sec-WebSocket-Accept"]);
        Assert.Equal("iotgw.v1", response["Sec-WebSocket-Protocol"]);
        Assert.Null(response["Sec-WebSocket-Extensions"]);
        // What browsers are told with each page is longer than the rest of the answer.
        Assert.Null(response["Content-Security-Policy"]);
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_links_opened_total") == 1,
            "the link to be counted"
        );
    }

    [Theory]
    [InlineData("senml.json, iotgw.v1", "senml.json")]
    [InlineData("iotgw.v1", "iotgw.v1")]
    public async Task The_first_subprotocol_offered_that_is_spoken_here_is_taken(string offered, string taken)
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = RawRequest.Link(await gateway.AddDeviceAsync("roof")).With("Sec-WebSocket-Protocol", offered);
        await using var connection = await RawConnection.OpenAsync(gateway);
        var response = await connection.AskAsync(request);
        Assert.Equal(taken, response.Headers.Single(header => header.Name == "Sec-WebSocket-Protocol").Value);
    }

    [Fact]
    public async Task Header_names_and_tokens_are_taken_in_any_case_and_in_a_list()
    {
        await using var gateway = await TestGateway.StartAsync();
        var request = RawRequest
            .Link(await gateway.AddDeviceAsync("roof"))
            .Without("Upgrade")
            .Plus("UPGRADE", "WebSocket")
            .With("Connection", "keep-alive, upgrade");
        await using var connection = await RawConnection.OpenAsync(gateway);
        Assert.Equal(101, (await connection.AskAsync(request)).Status);
    }

    [Fact]
    public async Task An_origin_that_the_settings_name_may_connect()
    {
        await using var gateway = await TestGateway.StartAsync(
            "--Security:AllowedOrigins=https://a.example, https://b.example"
        );
        var token = await gateway.AddDeviceAsync("roof");
        await using var connection = await RawConnection.OpenAsync(gateway);
        Assert.Equal(
            101,
            (await connection.AskAsync(RawRequest.Link(token).Plus("Origin", "https://b.example"))).Status
        );
        await using var other = await RawConnection.OpenAsync(gateway);
        Assert.Equal(
            403,
            (await other.AskAsync(RawRequest.Link(token).Plus("Origin", "https://b.example.net"))).Status
        );
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_are_spoken_and_the_CA_verifies_the_chain(SslProtocols protocol)
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        await using var connection = await RawConnection.OpenAsync(gateway, tls: true, protocol);
        Assert.Equal(protocol, connection.TlsVersion);
        Assert.Equal(101, (await connection.AskAsync(RawRequest.Link(token))).Status);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_device_that_comes_back_resumes_its_TLS_session(SslProtocols protocol)
    {
        await using var gateway = await TestGateway.StartAsync();
        var first = await BytesOfHandshakeAsync(gateway, protocol);
        // It is shown no certificate and no signature again.
        const int Certificate = 400;
        Assert.InRange(await BytesOfHandshakeAsync(gateway, protocol), 1, first - Certificate);
    }

    [Fact]
    public async Task TLS_1_1_is_refused_with_an_alert_that_names_the_version()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var connection = await RawConnection.OpenTcpAsync(gateway.Https.Port);
        // A ClientHello of TLS 1.1 (RFC 4346, section 7.4.1.2), by hand: no library would still send it.
        byte[] hello = [3, 2, .. new byte[32], 0, 0, 4, 0xC0, 0x13, 0xC0, 0x09, 1, 0];
        byte[] handshake = [1, 0, 0, (byte)hello.Length, .. hello];
        await connection.SendAsync([22, 3, 1, 0, (byte)handshake.Length, .. handshake]);
        var alert = await connection.ReadAsync(7);
        const byte Alert = 21,
            Fatal = 2,
            ProtocolVersion = 70;
        Assert.Equal([Alert, Fatal, ProtocolVersion], [alert[0], alert[5], alert[6]]);
    }

    [Fact]
    public async Task A_client_that_trusts_another_CA_refuses_the_gateway()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var other = await TestGateway.StartAsync();
        using var handler = new SocketsHttpHandler { SslOptions = other.TrustingCa() };
        using var client = new HttpClient(handler) { BaseAddress = gateway.Https };
        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/healthz"));
        Assert.IsType<AuthenticationException>(failure.InnerException);
    }

    private static async Task<long> BytesOfHandshakeAsync(TestGateway gateway, SslProtocols protocol)
    {
        var count = new SocketCount();
        using var tcp = new TcpClient();
        await tcp.ConnectAsync("127.0.0.1", gateway.Https.Port, Patience.Token());
        await using var tls = new SslStream(new CountingStream(tcp.GetStream(), count));
        var options = gateway.TrustingCa();
        options.EnabledSslProtocols = protocol;
        await tls.AuthenticateAsClientAsync(options, Patience.Token());
        // TLS 1.3 brings what the next session is resumed with before the first answer.
        await tls.WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Patience.Token());
        Assert.NotEqual(0, await tls.ReadAsync(new byte[4096], Patience.Token()));
        return count.Bytes;
    }
}
