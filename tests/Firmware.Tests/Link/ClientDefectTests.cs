using System.Net;
using System.Net.Sockets;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Link;

/// <summary>What the firmware makes of the stock client's silences.</summary>
public class ClientDefectTests
{
    [Fact]
    public async Task A_port_where_nobody_listens_is_a_connect_that_failed()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)reserved.LocalEndPoint!).Port; // bound, and never listening
        await using var device = DeviceUnderTest.Start(new Uri($"ws://127.0.0.1:{port}/v1/link"));
        await Eventually.TrueAsync(() => device.Device.Status.ConnectFailures >= 2);

        Assert.Contains("link: no connection (port refused, or no CA for this gateway)", device.Log);
    }

    [Fact]
    public async Task A_connect_that_never_returns_holds_up_no_sampling_and_is_a_reboot_in_the_end()
    {
        // Takes connections and says nothing on them.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var port = ((IPEndPoint)silent.LocalEndpoint).Port;
        await using var device = DeviceUnderTest.Start(
            new Uri($"ws://127.0.0.1:{port}/v1/link"),
            o => o with { Tune = t => t.ConnectMs = 150 }
        );
        await Eventually.TrueAsync(() => device.Device.Status is { Epoch: 2, RowsSampled: >= 9 });

        // Two made it boot again; the next may hang already, and another would make it boot once more.
        Assert.InRange(device.Log.Count(line => line == "link: connect hangs"), 2, 3);
        Assert.Equal(0, device.Device.Status.RowsLost);
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_left_though_no_row_waits_for_it()
    {
        using var gateway = new MuteGateway();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri, Quiet);
        using var first = await gateway.WelcomeAsync();
        await first.EndedAsync();
        using var second = await gateway.WelcomeAsync();

        Assert.Equal((0L, 0L), (device.Device.Status.LinksStalled, device.Device.Status.MessagesSent));
    }

    [Fact]
    public async Task The_end_of_a_stream_that_the_client_does_not_tell_of_ends_the_link_all_the_same()
    {
        using var gateway = new MuteGateway();
        await using var device = DeviceUnderTest.Start(
            gateway.LinkUri,
            o => Quiet(o) with { SpinsAtEndOfStream = true }
        );
        using var first = await gateway.WelcomeAsync();
        first.EndStream();
        await first.EndedAsync();
        using var second = await gateway.WelcomeAsync();

        Assert.Equal((0L, 0L), (device.Device.Status.LinksStalled, device.Device.Status.MessagesSent));
    }

    [Fact]
    public async Task A_link_that_is_given_up_is_ended_without_a_word()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway, t => t.StallMs = 200);
        var first = await gateway.AcceptAsync();
        await first.GreetAsync();
        await first.EndedAsync();
        await gateway.AcceptAsync();

        Assert.DoesNotContain(device.Log, line => line.Contains("abort", StringComparison.Ordinal));
    }

    /// <summary>It samples once, and has nothing to send.</summary>
    private static VirtualDeviceOptions Quiet(VirtualDeviceOptions options) =>
        options with
        {
            SampleIntervalMs = 3_600_000,
            RowsPerMessage = 1000,
            Tune = t => (t.KeepAliveMs, t.ServerTimeoutMs) = (100, 100),
        };
}
