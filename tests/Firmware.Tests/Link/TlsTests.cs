using Firmware.Tests.Http;
using Firmware.Tests.StandIns;
using IoTGateway.VirtualDevice;
using IoTGateway.VirtualDevice.StandIns;
using Certificate = IoTGateway.VirtualDevice.StandIns.X509Certificate;
using Client = IoTGateway.VirtualDevice.StandIns.ClientWebSocket;
using State = System.Net.WebSockets.WebSocketFrame.WebSocketState;

namespace Firmware.Tests.Link;

public class TlsTests
{
    [Fact]
    public async Task A_gateway_signed_by_the_private_CA_is_accepted()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = ca.Pem });
        var link = await gateway.AcceptAsync();

        Assert.Equal(1u, (await link.GreetAsync()).Epoch);
        Assert.Equal(1u, (await link.TelemetryAsync()).Sequence);
    }

    [Fact]
    public async Task A_gateway_signed_by_another_CA_is_refused_and_the_device_goes_on_trying()
    {
        using var ca = new PrivateCa();
        using var other = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = other.Pem });
        await Eventually.TrueAsync(() => device.Device.Status.ConnectFailures >= 3);

        Assert.Equal(0, device.Device.Status.LinksOpened);
        Assert.Null(device.Device.Status.Fault);
        Assert.DoesNotContain(device.Log, line => line.Contains("abort", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_reconnect_over_TLS_the_new_socket_lives()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = ca.Pem });
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.TelemetryAsync();
        first.Drop();
        var second = await gateway.AcceptAsync();
        await second.GreetAsync();
        for (var sequence = 1u; sequence <= 3; sequence++)
        {
            var telemetry = await second.TelemetryAsync();
            Assert.Equal(sequence, telemetry.Sequence);
            await second.AckAsync(telemetry);
        }
    }

    [Fact]
    public async Task Requests_over_TLS_go_on_over_a_new_connection_after_the_old_one_was_closed()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        var requests = new TestRequests(gateway);
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { CaPem = ca.Pem, Transport = VirtualTransport.LongPolling }
        );
        (await requests.NextAsync()).AnswerAndClose();
        for (var i = 0; i < 3; i++)
            (await requests.NextWithTelemetryAsync()).AnswerAndClose();

        Assert.Equal(1, device.Device.Status.LinksOpened);
    }

    [Fact]
    public async Task A_certificate_for_another_host_is_refused()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("elsewhere.example"));
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = ca.Pem });
        await Eventually.TrueAsync(() => device.Device.Status.ConnectFailures >= 2);

        Assert.Equal(0, device.Device.Status.LinksOpened);
    }

    [Fact]
    public async Task The_doctor_is_asked_over_TLS_too()
    {
        using var ca = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        gateway.RefuseWith = 403;
        gateway.DoctorAnswer = """{"detail":"this device is disabled"}""";
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, o => o with { CaPem = ca.Pem });
        await Eventually.TrueAsync(() => device.Device.Status.ConnectFailures >= 1);

        Assert.Contains(device.Log, line => line.Contains("this device is disabled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_stand_in_shows_a_missing_CA_by_its_State_alone_and_a_wrong_one_by_staying_at_Connecting()
    {
        using var machine = new TestMachine();
        using var ca = new PrivateCa();
        using var other = new PrivateCa();
        await using var gateway = await TestGateway.StartAsync(ca.Issue("localhost"));
        var without = new Client();
        without.Connect(gateway.LinkUri.AbsoluteUri);
        var wrong = new Client(new ClientWebSocketOptions { Certificate = new Certificate(other.Pem) });

        Assert.Equal(State.Closed, without.State);
        Assert.Throws<Exception>(() => wrong.Connect(gateway.LinkUri.AbsoluteUri));
        Assert.Equal(State.Connecting, wrong.State);
        Assert.Throws<NullReferenceException>(wrong.Dispose);
    }
}
