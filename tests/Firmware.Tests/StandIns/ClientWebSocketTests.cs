using System.Net.WebSockets.WebSocketFrame;
using System.Threading.Channels;
using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.VirtualDevice.StandIns;
using Client = IoTGateway.VirtualDevice.StandIns.ClientWebSocket;
using Options = IoTGateway.VirtualDevice.StandIns.ClientWebSocketOptions;

namespace Firmware.Tests.StandIns;

/// <summary>The defects of the stock client that the stand-in keeps, each by itself.</summary>
public sealed class ClientWebSocketTests : IDisposable
{
    private readonly TestMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task SendBytes_masks_the_callers_array_in_place_and_sends_what_it_held()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (client, link) = await OpenAsync(gateway);
        var message = new byte[64];
        client.SendBytes(message);

        Assert.Equal(new byte[64], await link.NextAsync());
        Assert.NotEqual(new byte[64], message);
        client.Abort();
    }

    [Fact]
    public async Task A_refused_port_throws_nothing_and_leaves_State_Closed()
    {
        Uri nobody;
        await using (var gateway = await TestGateway.StartAsync())
            nobody = gateway.LinkUri;
        var client = new Client();
        client.Connect(nobody.AbsoluteUri);

        Assert.Equal(WebSocketState.Closed, client.State);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(429)]
    [InlineData(503)]
    public async Task Every_refused_handshake_is_one_exception_without_a_status(int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.RefuseWith = status;
        var client = new Client();
        var thrown = Assert.Throws<Exception>(() => client.Connect(gateway.LinkUri.AbsoluteUri));

        Assert.Equal("WebSocket did not receive right handshake", thrown.Message);
        Assert.Equal(WebSocketState.Closed, client.State);
    }

    [Fact]
    public void Abort_of_what_never_opened_throws()
    {
        Assert.Throws<NullReferenceException>(() => new Client().Abort());
    }

    [Fact]
    public async Task ConnectionClosed_fires_twice_after_an_Abort()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (client, _) = await OpenAsync(gateway);
        var fired = Channel.CreateUnbounded<bool>();
        client.ConnectionClosed += (_, _) => fired.Writer.TryWrite(true);
        client.Abort();

        await fired.Reader.ReadAsync().AsTask().WaitAsync(TestLink.Patience);
        await fired.Reader.ReadAsync().AsTask().WaitAsync(TestLink.Patience);
    }

    [Fact]
    public async Task Close_sends_no_close_frame()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (client, link) = await OpenAsync(gateway);
        client.Close(WebSocketCloseStatus.NormalClosure, null);

        Assert.Equal(WebSocketState.CloseSent, client.State);
        // The link still carries what the gateway says, which it could not behind a close frame.
        await link.SendAsync(GatewayBytes.Ack(1, 1));
        Assert.False(link.EndedAsync().IsCompleted);
        client.Abort();
        await link.EndedAsync();
    }

    [Fact]
    public async Task Fragments_arrive_as_separate_events()
    {
        await using var gateway = await TestGateway.StartAsync();
        var client = new Client();
        var events = Channel.CreateUnbounded<FragmentationType>();
        client.MessageReceived += (_, e) => events.Writer.TryWrite(e.Frame.Fragmentation);
        client.Connect(gateway.LinkUri.AbsoluteUri);
        await (await gateway.AcceptAsync()).SendFragmentedAsync([1, 2, 3]);

        Assert.Equal(FragmentationType.FirstFragment, await events.Reader.ReadAsync());
        Assert.Equal(FragmentationType.FinalFragment, await events.Reader.ReadAsync());
        client.Abort();
    }

    [Fact]
    public async Task A_length_of_65535_wedges_the_link_and_one_less_does_not()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (client, link) = await OpenAsync(gateway, new() { MaxFragmentSize = int.MaxValue });
        client.SendBytes(new byte[65_534]);
        Assert.Equal(65_534, (await link.NextAsync()).Length);
        client.SendBytes(new byte[65_535]);
        client.SendBytes(new byte[1]);

        // The link is alive in the other direction, and nothing more comes in this one.
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.MessageReceived += (_, _) => heard.TrySetResult();
        await link.SendAsync(GatewayBytes.Ack(1, 1));
        await heard.Task.WaitAsync(TestLink.Patience);
        Assert.False(link.TryNext(out _));
        Assert.Equal(WebSocketState.Open, client.State);
        client.Abort();
        await link.EndedAsync();
        Assert.False(link.TryNext(out _));
    }

    [Fact]
    public async Task A_message_of_MaxFragmentSize_never_ends_and_a_longer_one_is_garbled()
    {
        var message = Enumerable.Range(0, 40).Select(i => (byte)i).ToArray();
        await using var gateway = await TestGateway.StartAsync();
        var (exact, unended) = await OpenAsync(gateway, new() { MaxFragmentSize = message.Length });
        exact.SendBytes([.. message]);
        Assert.Equal(message, await unended.NextAsync());
        Assert.True(unended.IsInsideMessage);
        exact.Abort();

        var (longer, garbled) = await OpenAsync(gateway, new() { MaxFragmentSize = 16 });
        longer.SendBytes([.. message]);
        Assert.Equal(message[..16], await garbled.NextAsync());
        var rest = await garbled.NextAsync();
        Assert.False(garbled.IsInsideMessage);
        Assert.Equal(24, rest.Length);
        Assert.NotEqual(message[16..], rest);
        longer.Abort();
    }

    [Fact]
    public async Task The_end_of_the_stream_is_told_only_when_no_PONG_comes()
    {
        using var machine = new TestMachine(spinsAtEndOfStream: true);
        using var gateway = new MuteGateway();
        var limit = TimeSpan.FromMilliseconds(200);
        var client = new Client(new() { KeepAliveInterval = limit, ServerTimeout = limit });
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.ConnectionClosed += (_, _) => closed.TrySetResult();
        // From here: a machine that is very slow may miss the PONG before the stream has ended.
        var began = TimeProvider.System.GetTimestamp();
        var welcome = gateway.WelcomeAsync();
        var headers = new ClientWebSocketHeaders { ["Sec-WebSocket-Protocol"] = "iotgw.v1" };
        client.Connect(gateway.LinkUri.AbsoluteUri, headers);
        using var link = await welcome;
        link.EndStream();
        await closed.Task.WaitAsync(TestLink.Patience);

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), 1.9 * limit, TestLink.Patience);
        Assert.Equal(WebSocketState.Closed, client.State);
    }

    [Fact]
    public void The_old_sockets_finalizer_is_owed_until_a_collection_and_then_a_wait_for_it()
    {
        _machine.Machine.OldSocket = OldSocket.Garbage;
        IoTGateway.VirtualDevice.StandIns.GC.WaitForPendingFinalizers();
        Assert.Equal(OldSocket.Garbage, _machine.Machine.OldSocket);
        nanoFramework.Runtime.Native.GC.Run(false);
        Assert.Equal(OldSocket.Collected, _machine.Machine.OldSocket);
        IoTGateway.VirtualDevice.StandIns.GC.WaitForPendingFinalizers();
        Assert.Equal(OldSocket.Gone, _machine.Machine.OldSocket);
    }

    [Fact]
    public async Task The_host_goes_out_without_its_port()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (client, link) = await OpenAsync(gateway);

        Assert.Equal("localhost", link.Host);
        client.Abort();
    }

    private static async Task<(Client, TestLink)> OpenAsync(TestGateway gateway, Options? options = null)
    {
        var client = new Client(options);
        client.Connect(gateway.LinkUri.AbsoluteUri);
        Assert.Equal(WebSocketState.Open, client.State);
        return (client, await gateway.AcceptAsync());
    }
}
