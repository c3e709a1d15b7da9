using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using IoTGateway.Devices;
using IoTGateway.Links;
using IoTGateway.Links.Frames;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Links.Frames;

namespace IoTGateway.Tests.Links;

/// <summary>Between the close frame and the end.</summary>
public sealed class ClosingTests
{
    [Fact]
    public async Task Nothing_is_taken_from_a_device_whose_token_was_taken_back()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        await device.ReadMessageAsync();
        await gateway.Get<DeviceRegistry>().SetDisabledAsync("roof", true, TestContext.Current.CancellationToken);
        Assert.Equal(4401, await device.ReadCloseAsync(andGo: false));
        var began = TimeProvider.System.GetTimestamp();
        // It neither answers the close frame nor stops.
        await device.SendAsync(RawFrame.Message(House.Telemetry(1, 1, House.Noon, 20)));
        await device.ReadToEndAsync();
        // Not only at the next ping, after 12 s.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, 0, 6);
        await Presence.OfflineAsync(gateway, "roof");
        Assert.Equal(0, await gateway.MetricAsync("iotgw_rows_total"));
    }

    [Fact]
    public async Task A_token_taken_back_between_handshake_and_link_ends_the_link_with_4401()
    {
        await using var gateway = await TestGateway.StartAsync();
        await gateway.AddDeviceAsync("roof");
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var deviceSide = new TcpClient();
        await deviceSide.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var gatewaySide = await listener.AcceptTcpClientAsync();
        using var device = WebSocket.CreateFromStream(deviceSide.GetStream(), new WebSocketCreationOptions());
        // As the handshake does.
        Assert.True(gateway.Get<LinkTable>().TryEnter("roof"));
        var connection = new UpgradedConnection(new StreamConnection(gatewaySide.GetStream()), gatewaySide.Close);
        using var link = new WebSocketLink("roof", connection, "iotgw.v1", gateway.Get<LinkServices>());
        var running = link.RunAsync(() => false, Patience.Token());
        await device.ReceiveAsync(Memory<byte>.Empty, Patience.Token());
        Assert.Equal(4401, (int?)device.CloseStatus);
        await running;
        Assert.Equal(1, await gateway.EndedAsync("revoked"));
    }

    [Fact]
    public void The_end_of_an_older_link_does_not_take_the_newer_one_offline()
    {
        var status = new DeviceStatus();
        object older = new(),
            newer = new();
        status.SetOnline(older, 1);
        status.SetOnline(newer, 2);
        status.SetOffline(older, 3, LinkEnd.Cut);
        Assert.True(status.Online);
        status.SetOffline(newer, 4, LinkEnd.Bye);
        Assert.Equal((false, 4, LinkEnd.Bye), (status.Online, status.SinceMs, status.LastEnd));
    }
}
