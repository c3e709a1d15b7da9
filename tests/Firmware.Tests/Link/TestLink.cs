using System.Net.WebSockets;
using System.Threading.Channels;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Firmware.Tests.Link;

/// <summary>One link as the gateway sees it.</summary>
internal sealed class TestLink(HttpContext context, WebSocket socket)
{
    public static TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(20);

    private readonly Channel<byte[]> _received = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Copied: the request is gone when a test looks.
    public string Authorization { get; } = context.Request.Headers.Authorization.ToString();

    public string Protocol { get; } = context.Request.Headers.SecWebSocketProtocol.ToString();

    public string Host { get; } = context.Request.Host.Value ?? "";

    /// <summary>Whether what came last was only the beginning of a message.</summary>
    public bool IsInsideMessage { get; private set; }

    /// <summary>The next message of this type; what comes before it is passed over.</summary>
    public async Task<byte[]> NextAsync(byte type)
    {
        while (true)
        {
            var message = await NextAsync();
            if (message[0] == type)
                return message;
        }
    }

    /// <returns>False where the link has ended and nothing is left to take.</returns>
    public async Task<bool> HasNextAsync() => await _received.Reader.WaitToReadAsync().AsTask().WaitAsync(Patience);

    public async Task<byte[]> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public async Task<byte[]> NextAsync(CancellationToken cancellationToken) =>
        await _received.Reader.ReadAsync(cancellationToken);

    public async Task<Telemetry> TelemetryAsync() =>
        DeviceMessageReader.Telemetry(await NextAsync(MessageType.Telemetry), TestCatalog.Virtual)
        ?? throw new InvalidDataException("malformed TELEMETRY");

    /// <summary>Nothing but what is read: messages that came in and that no test has taken.</summary>
    public bool TryNext(out byte[]? message) => _received.Reader.TryRead(out message);

    /// <summary>Completes when the device's end of the link is gone.</summary>
    public Task EndedAsync() => _ended.Task.WaitAsync(Patience);

    public async Task<Hello> GreetAsync(uint lastSequence = 0, ushort window = 4, bool wantsCatalog = false)
    {
        var hello = DeviceMessageReader.Hello(await NextAsync()) ?? throw new InvalidDataException("malformed HELLO");
        await SendAsync(GatewayBytes.Welcome(lastSequence, window, wantsCatalog));
        return hello;
    }

    public Task AckAsync(Telemetry telemetry) => SendAsync(GatewayBytes.Ack(telemetry.Epoch, telemetry.Sequence));

    public Task SendAsync(byte[] message) =>
        socket.SendAsync(message, WebSocketMessageType.Binary, true, CancellationToken.None);

    public async Task SendFragmentedAsync(byte[] message)
    {
        await socket.SendAsync(message.AsMemory(0, 1), WebSocketMessageType.Binary, false, CancellationToken.None);
        await socket.SendAsync(message.AsMemory(1), WebSocketMessageType.Binary, true, CancellationToken.None);
    }

    public Task CloseAsync() =>
        socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    /// <summary>As when the gateway's machine dies.</summary>
    /// <returns>False where it was gone already.</returns>
    public bool Drop()
    {
        if (_ended.Task.IsCompleted)
            return false;
        context.Abort();
        return true;
    }

    /// <summary>
    /// As when the gateway's process dies in the middle of sending: half of a frame (RFC 6455, 5.2) is out, and then comes the
    /// end of the stream.
    /// </summary>
    public async Task SendHalfAndLeaveAsync(byte[] message)
    {
        var stream = context.Features.GetRequiredFeature<IHttpUpgradeFeature>()
            is TappedUpgrade { Stream: { } upgraded }
            ? upgraded
            : throw new InvalidOperationException("the link's stream is not known");
        await stream.WriteAsync((byte[])[0x82, (byte)message.Length, .. message[..(message.Length / 2)]]);
        await stream.FlushAsync();
        socket.Abort();
    }

    public async Task ReadAllAsync()
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                var result = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (result.MessageType == WebSocketMessageType.Close)
                    break;
                IsInsideMessage = !result.EndOfMessage;
                _received.Writer.TryWrite(buffer[..result.Count]);
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
        {
            // The end, without a close frame: the stock client has no other.
        }

        _received.Writer.TryComplete();
        _ended.TrySetResult();
    }
}

/// <summary>Remembers the stream under a WebSocket, for whoever wants to send what no WebSocket does.</summary>
internal sealed class TappedUpgrade(IHttpUpgradeFeature upgrade) : IHttpUpgradeFeature
{
    public Stream? Stream { get; private set; }

    public bool IsUpgradableRequest => upgrade.IsUpgradableRequest;

    public async Task<Stream> UpgradeAsync() => Stream = await upgrade.UpgradeAsync();
}
