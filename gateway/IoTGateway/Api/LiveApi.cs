using System.Buffers;
using System.Net.WebSockets;
using IoTGateway.Live;
using IoTGateway.Security;

namespace IoTGateway.Api;

/// <summary><c>/api/live</c>: rows as they become durable, as Server-Sent Events or, upgraded, over a WebSocket.</summary>
internal static class LiveApi
{
    /// <summary>A comment now and then keeps proxies from closing a quiet stream.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan CloseGrace = TimeSpan.FromSeconds(1);

    public static void MapLive(this IEndpointRouteBuilder api) =>
        api.MapGet("/live", WatchAsync)
            .WithTags("Live")
            .WithSummary(
                "Rows as they come, of one device or all, with logs=true also their log lines (event 'log'); Server-Sent Events or a WebSocket"
            );

    private static async Task WatchAsync(
        HttpContext context,
        LiveFeed feed,
        ApiKeys keys,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        string? device = null,
        bool logs = false
    )
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            lifetime.ApplicationStopping,
            keys.EndOf(context.User.Identity!.Name!) // the API lets nobody in without
        );
        using var subscription = feed.Subscribe(device, logs);
        try
        {
            if (context.WebSockets.IsWebSocketRequest)
                await SendMessagesAsync(context, subscription, ending.Token);
            else
                await SendEventsAsync(context.Response, subscription, time, ending.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // The watcher went away, or the gateway does: either way this stream is over.
        }
    }

    private static async Task SendEventsAsync(
        HttpResponse response,
        LiveSubscription subscription,
        TimeProvider time,
        CancellationToken ending
    )
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        response.BodyWriter.Write(": rows as they come\n\n"u8);
        await response.BodyWriter.FlushAsync(ending);
        while (!ending.IsCancellationRequested && !subscription.IsClosed)
        {
            var rows = await TakeWithinAsync(subscription, time, ending);
            if (rows.Count == 0)
                response.BodyWriter.Write(": still here\n\n"u8);
            foreach (var row in rows)
            {
                if (row.IsLog)
                    response.BodyWriter.Write("event: log\n"u8);
                response.BodyWriter.Write("data: "u8);
                response.BodyWriter.Write(row.Json.Span);
                response.BodyWriter.Write("\n\n"u8);
            }
            await response.BodyWriter.FlushAsync(ending);
        }
    }

    private static async Task<IReadOnlyList<LiveRow>> TakeWithinAsync(
        LiveSubscription subscription,
        TimeProvider time,
        CancellationToken ending
    )
    {
        using var heartbeat = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(heartbeat.Token, ending);
        return await subscription.TakeAsync(either.Token);
    }

    private static async Task SendMessagesAsync(
        HttpContext context,
        LiveSubscription subscription,
        CancellationToken ending
    )
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            // No timeout: who stalls for minutes answers no ping, and gets the latest rows when he reads again. One who is
            // dead does not acknowledge the bytes of a ping either, and the system ends his connection.
            new WebSocketAcceptContext { KeepAliveInterval = Heartbeat }
        );
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, ending);
        // Cancelling a read or a send resets the connection: on a stop the close frame comes first.
        using var late = ending.Register(() => gone.CancelAfter(CloseGrace));
        var reading = ReadUntilClosedAsync(socket, gone);
        while (!over.IsCancellationRequested && !subscription.IsClosed)
        {
            foreach (var row in await subscription.TakeAsync(over.Token))
                await socket.SendAsync(row.Json, WebSocketMessageType.Text, endOfMessage: true, gone.Token);
        }
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            await socket.CloseOutputAsync(
                ending.IsCancellationRequested || subscription.IsClosed
                    ? WebSocketCloseStatus.EndpointUnavailable
                    : WebSocketCloseStatus.NormalClosure,
                null,
                context.RequestAborted
            );
        gone.CancelAfter(CloseGrace);
        await reading;
    }

    /// <summary>A watcher has nothing to say; reading tells when it leaves, and answers its pings.</summary>
    private static async Task ReadUntilClosedAsync(WebSocket socket, CancellationTokenSource gone)
    {
        var buffer = new byte[256];
        try
        {
            while ((await socket.ReceiveAsync(buffer, gone.Token)).MessageType != WebSocketMessageType.Close) { }
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or IOException)
        {
            // It left without a close frame.
        }
        await gone.CancelAsync();
    }
}
