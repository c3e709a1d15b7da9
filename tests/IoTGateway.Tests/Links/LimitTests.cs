using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using IoTGateway.Links;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace IoTGateway.Tests.Links;

/// <summary>What all devices together may ask of the gateway.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task A_place_is_taken_by_the_answer_101_and_not_only_once_the_link_is_up()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:Connections=1");
        var handshake = gateway.Get<Handshake>();
        var roof = Request(await gateway.AddDeviceAsync("roof"));
        var first = handshake.Check(roof);
        var second = handshake.Check(Request(await gateway.AddDeviceAsync("cellar")));
        Assert.Equal(HandshakeRefusal.None, first.Refusal);
        Assert.Equal(HandshakeRefusal.Full, second.Refusal);

        // The doctor sees it too.
        Assert.Equal(HandshakeRefusal.Full, handshake.Foresee(Request(await gateway.AddDeviceAsync("shed"))).Refusal);
        // Its own place is never taken from a device, not even before the link that it comes back for is up.
        Assert.Equal(HandshakeRefusal.None, handshake.Foresee(roof).Refusal);
        Assert.Equal(HandshakeRefusal.None, handshake.Check(roof).Refusal);

        // A connection that was cut before it was a link gives its place back.
        var links = gateway.Get<LinkTable>();
        links.Leave("roof");
        links.Leave("roof");
        Assert.Equal(HandshakeRefusal.None, handshake.Check(Request(await gateway.AddDeviceAsync("barn"))).Refusal);
        Assert.Equal(HandshakeRefusal.Full, handshake.Check(roof).Refusal);
        links.Leave("barn");
    }

    [Fact]
    public async Task Handshakes_at_the_same_moment_do_not_overshoot_the_limit_of_links()
    {
        const int Limit = 3;
        const int Devices = 24;
        const int Rounds = 3;
        await using var gateway = await TestGateway.StartAsync($"--Limits:Connections={Limit}");
        var requests = new List<byte[]>();
        for (var device = 0; device < Devices; device++)
        {
            var request = RawRequest.Link(await gateway.AddDeviceAsync($"device-{device}"));
            requests.Add(Encoding.ASCII.GetBytes(request.ToString()));
        }
        for (var round = 1; round <= Rounds; round++)
        {
            var connections = await Task.WhenAll(requests.Select(_ => RawConnection.OpenAsync(gateway)));
            // All but the last byte: then one byte of each lets them all go on at once.
            await Task.WhenAll(connections.Zip(requests, (one, bytes) => one.SendAsync(bytes[..^1]).AsTask()));
            await Task.WhenAll(connections.Select(one => one.SendAsync("\n"u8.ToArray()).AsTask()));
            var statuses = await Task.WhenAll(connections.Select(one => one.StatusAsync()));
            Assert.Equal(Limit, statuses.Count(status => status == 101));
            Assert.Equal(Devices - Limit, statuses.Count(status => status == 503));
            Assert.Equal(round * (Devices - Limit), await gateway.RefusedAsync("full"));
            foreach (var connection in connections)
                await connection.DisposeAsync();
            // Every place is free again, and there are no more of them than before.
            await Patience.UntilAsync(
                async () => await gateway.MetricAsync("iotgw_links") == 0,
                "all links to be gone"
            );
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connections_that_say_nothing_are_bounded_on_every_port_and_links_do_not_count_among_them(bool tls)
    {
        const int Limit = 12;
        await using var gateway = await TestGateway.StartAsync($"--Limits:OtherConnections={Limit}");
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        // The API's own client keeps its connection: one of those that are no link.
        Assert.Equal(0, await gateway.MetricAsync("iotgw_connections_refused_total"));
        var port = tls ? gateway.Https.Port : gateway.Http.Port;
        var mute = new List<RawConnection>();
        try
        {
            for (var i = 0; i < Limit; i++)
                mute.Add(await RawConnection.OpenTcpAsync(port));
            await await Task.WhenAny(mute.Select(one => one.ReadToEndAsync()));
        }
        catch (SocketException)
        {
            // It was ended before it knew that it had begun.
        }
        Assert.Equal(1, await gateway.MetricAsync("iotgw_connections_refused_total"));
        await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20));
        await link.AcknowledgedAsync(1, 1);

        // There is room again for whoever has something to say.
        foreach (var connection in mute)
            await connection.DisposeAsync();
        await Patience.UntilAsync(
            async () =>
            {
                try
                {
                    await using var late = await RawConnection.OpenTcpAsync(gateway.Http.Port);
                    return (await late.AskAsync(RawRequest.Link("nobody.secret"))).Status == 401;
                }
                catch (Exception e) when (e is IOException or SocketException)
                {
                    return false;
                }
            },
            "an answer to a newcomer"
        );
    }

    [Fact]
    public async Task All_devices_together_are_slowed_to_the_messages_a_second_and_nothing_is_refused()
    {
        const int PerSecond = 50;
        const int Each = 60;
        await using var gateway = await TestGateway.StartAsync($"--Limits:MessagesPerSecond={PerSecond}");
        await using var roof = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        await using var cellar = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("cellar"));
        var began = TimeProvider.System.GetTimestamp();
        for (uint sequence = 1; sequence <= Each; sequence++)
        {
            var message = House.Telemetry(1, sequence, House.Noon + (sequence * 1000), 20);
            await roof.SendAsync(message);
            await cellar.SendAsync(message);
        }
        await roof.AcknowledgedAsync(1, Each);
        await cellar.AcknowledgedAsync(1, Each);
        // A second's worth passes at once, the rest at the rate; HELLO and CATALOG came before.
        var least = ((2.0 * Each) - PerSecond) / PerSecond;
        Assert.InRange(TimeProvider.System.GetElapsedTime(began).TotalSeconds, least - 0.05, least + 10);
        Assert.Equal(0, await gateway.EndedAsync("over-rate"));
        Assert.Equal(2 * Each, await gateway.MetricAsync("iotgw_rows_total"));
    }

    /// <summary>A handshake with nothing wrong in it, as the platform hands it on.</summary>
    private static DefaultHttpContext Request(string token)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpWebSocketFeature>(new Upgradable());
        context.Request.Method = "GET";
        foreach (var (name, value) in RawRequest.Link(token).Headers)
            context.Request.Headers[name] = value;
        return context;
    }

    private sealed class Upgradable : IHttpWebSocketFeature
    {
        public bool IsWebSocketRequest => true;

        public Task<WebSocket> AcceptAsync(WebSocketAcceptContext context) => throw new NotSupportedException();
    }
}
