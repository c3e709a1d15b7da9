using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Sockets;

/// <summary>Whatever ends a link, nothing of its connection is left: on our sockets as on the platform's, over TLS as without.</summary>
public sealed class ConnectionEndTests
{
    private const int Rounds = 25;

    public static TheoryData<bool, bool, string> Ways()
    {
        var ways = new TheoryData<bool, bool, string>();
        foreach (var epoll in new[] { true, false })
        foreach (var tls in new[] { true, false })
        foreach (var way in new[] { "gone", "closes", "malformed", "malformed and gone", "before it says a word" })
            ways.Add(epoll, tls, way);
        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_link_that_has_ended_leaves_no_connection(bool epoll, bool tls, string way)
    {
        await using var gateway = await TestGateway.StartAsync(
            $"--Listen:Epoll={epoll}",
            "--Limits:HandshakesPerMinutePerDevice=10000"
        );
        var token = await gateway.AddDeviceAsync("roof");
        var before = await gateway.MetricAsync("iotgw_connections");
        for (var i = 0; i < Rounds; i++)
            await EndAsync(gateway, token, tls, way);
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_connections") == before,
            "the connections are gone"
        );
        Assert.Equal(0, await gateway.MetricAsync("iotgw_links"));
    }

    private static async Task EndAsync(TestGateway gateway, string token, bool tls, string way)
    {
        if (way == "before it says a word")
        {
            await using var mute = await RawConnection.OpenTcpAsync(tls ? gateway.Https.Port : gateway.Http.Port);
            return;
        }
        await using var link = await RawConnection.OpenLinkAsync(gateway, token, tls);
        await link.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await link.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        if (way == "closes")
            await link.SendAsync(new RawFrame(true, RawFrame.Close, [3, 232]));
        else if (way != "gone")
            await link.SendAsync(RawFrame.Message([0xFF, 1, 2, 3]));
        if (way is "closes" or "malformed")
        {
            while ((await link.ReadFrameAsync()).Opcode != RawFrame.Close) { }
        }
    }
}
