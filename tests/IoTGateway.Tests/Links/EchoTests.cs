using System.Net;
using System.Net.WebSockets;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

public sealed class EchoTests
{
    [Fact]
    public async Task It_is_not_there_unless_switched_on()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await gateway.Client.GetAsync("/v1/echo");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task It_returns_text_binary_empty_and_fragmented_messages_and_the_close_code()
    {
        await using var gateway = await TestGateway.StartAsync("--Diagnostics:Echo=true");
        using var socket = new ClientWebSocket();
        var url = new UriBuilder(gateway.Http) { Scheme = "ws", Path = "/v1/echo" };
        await socket.ConnectAsync(url.Uri, Patience.Token());
        await ReturnsAsync(socket, WebSocketMessageType.Text, "Grüße"u8.ToArray(), fragments: 1);
        await ReturnsAsync(socket, WebSocketMessageType.Binary, [0, 1, 255], fragments: 1);
        await ReturnsAsync(socket, WebSocketMessageType.Binary, [], fragments: 1);
        await ReturnsAsync(socket, WebSocketMessageType.Text, [], fragments: 2);
        await ReturnsAsync(socket, WebSocketMessageType.Binary, new byte[200_000], fragments: 7);
        await socket.CloseAsync((WebSocketCloseStatus)3999, null, Patience.Token());
        Assert.Equal(3999, (int?)socket.CloseStatus);
    }

    [Fact]
    public async Task Only_this_machine_reaches_it()
    {
        await using var gateway = await TestGateway.StartAsync("--Diagnostics:Echo=true");
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse("192.0.2.1");
        await IoTGateway.Links.Echo.AcceptAsync(context);
        Assert.Equal(404, context.Response.StatusCode);
        using var plain = await gateway.Client.GetAsync("/v1/echo");
        Assert.Equal(HttpStatusCode.UpgradeRequired, plain.StatusCode);
    }

    private static async Task ReturnsAsync(WebSocket socket, WebSocketMessageType kind, byte[] message, int fragments)
    {
        var size = (message.Length + fragments - 1) / fragments;
        for (var i = 0; i < fragments; i++)
        {
            var part = message.AsMemory(Math.Min(i * size, message.Length));
            part = part[..Math.Min(size, part.Length)];
            await socket.SendAsync(part, kind, i == fragments - 1, Patience.Token());
        }
        var buffer = new byte[message.Length + 1];
        var length = 0;
        ValueWebSocketReceiveResult result;
        do
        {
            result = await socket.ReceiveAsync(buffer.AsMemory(length), Patience.Token());
            length += result.Count;
        } while (!result.EndOfMessage);
        Assert.Equal(kind, result.MessageType);
        Assert.Equal(message, buffer[..length]);
    }
}
