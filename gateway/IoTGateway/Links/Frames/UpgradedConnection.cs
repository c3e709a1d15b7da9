using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace IoTGateway.Links.Frames;

/// <summary>A connection after its 101: the bytes of the transport, or of TLS, below HTTP.</summary>
/// <param name="transport">Both ways.</param>
/// <param name="abort">Ends it at once.</param>
internal sealed class UpgradedConnection(IDuplexPipe transport, Action abort)
{
    /// <summary>RFC 6455, section 1.3.</summary>
    private const string Salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public PipeReader Input => transport.Input;

    public PipeWriter Output => transport.Output;

    /// <summary>Answers the opening handshake of a request that <c>IsWebSocketRequest</c> has found right, over HTTP/1.1.</summary>
    /// <param name="context">Of the request. The connection lasts until it is answered.</param>
    /// <param name="subprotocol">The one chosen, if any.</param>
    public static async Task<UpgradedConnection> AcceptAsync(HttpContext context, string? subprotocol)
    {
        var headers = context.Response.Headers;
        headers.Connection = HeaderNames.Upgrade;
        headers.Upgrade = "websocket";
        headers.SecWebSocketAccept = Answer(context.Request.Headers.SecWebSocketKey.ToString());
        if (subprotocol is not null)
            headers.SecWebSocketProtocol = subprotocol;
        await context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
        // HTTP has written its last byte. What it would put between the transport and us (two streams, two readers, and a task
        // for each read of each) is left out.
        var transport = context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport;
        // The context is for the request alone; a timer may be late.
        return new UpgradedConnection(
            transport,
            context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>().Abort
        );
    }

    /// <summary>Ends it at once; whoever reads or writes learns of it.</summary>
    public void Abort() => abort();

    /// <summary>What Sec-WebSocket-Accept says to a Sec-WebSocket-Key.</summary>
    public static string Answer(string key)
    {
#pragma warning disable CA5350 // The handshake's, which proves nothing but that it was read.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Salt)));
#pragma warning restore CA5350
    }
}
