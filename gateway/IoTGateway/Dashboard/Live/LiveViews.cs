using IoTGateway.Dashboard.Shell;
using IoTGateway.Security;

namespace IoTGateway.Dashboard.Live;

/// <summary>The open pages: who may open one, and how many there may be.</summary>
internal sealed class LiveViews
{
    private readonly LimitsOptions _limits;
    private readonly Sessions _sessions;
    private readonly TimeProvider _time;
    private readonly IHostApplicationLifetime _lifetime;
    private int _open;
    private long _stalled;

    public LiveViews(
        LimitsOptions limits,
        Sessions sessions,
        TimeProvider time,
        IHostApplicationLifetime lifetime,
        GatewayMetrics metrics
    )
    {
        (_limits, _sessions, _time, _lifetime) = (limits, sessions, time, lifetime);
        metrics.Gauge("iotgw_dashboard_pages", "Pages of the dashboard open now", () => _open);
        metrics.Count("iotgw_dashboard_stalled_total", "Open pages that read nothing and were cut", () => _stalled);
    }

    /// <summary>Shows a view to a page until either goes.</summary>
    public async Task RunAsync(HttpContext http, Func<ILiveView> create)
    {
        if (!http.WebSockets.IsWebSocketRequest)
        {
            await Refuse(http, StatusCodes.Status426UpgradeRequired, "This is a WebSocket of the dashboard's pages.");
            return;
        }
        // A WebSocket is not held by the rule of same origin: without this any page could open one with the cookie.
        if (http.Request.Headers.Origin.Count != 1 || !FormGuard.IsOwnOrigin(http.Request))
        {
            await Refuse(http, StatusCodes.Status403Forbidden, "Only pages of this gateway may look in here.");
            return;
        }
        try
        {
            if (Interlocked.Increment(ref _open) > _limits.DashboardPages)
            {
                await Refuse(
                    http,
                    StatusCodes.Status503ServiceUnavailable,
                    "All pages that may be open are: close some, or raise Limits:DashboardPages."
                );
                return;
            }
            await RunAcceptedAsync(http, create);
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task RunAcceptedAsync(HttpContext http, Func<ILiveView> create)
    {
        var session = http.Request.Cookies[SessionAuthentication.CookieName(http.Request)] ?? string.Empty;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted,
            _lifetime.ApplicationStopping
        );
        using var socket = await http.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext
            {
                KeepAliveInterval = LiveConnection.Heartbeat,
                KeepAliveTimeout = LiveConnection.Heartbeat,
            }
        );
        using var view = create();
        var connection = new LiveConnection(socket, view, http.RequestServices, _time);
        if (await connection.RunAsync(() => _sessions.Find(session) is not null, ending.Token) == LiveEnd.Stalled)
            Interlocked.Increment(ref _stalled);
    }

    private static Task Refuse(HttpContext http, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(http);
}
