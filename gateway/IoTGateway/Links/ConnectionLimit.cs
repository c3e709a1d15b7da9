using Microsoft.AspNetCore.Connections;

namespace IoTGateway.Links;

/// <summary>
/// Bounds the connections that are no device link, or none yet: whoever only connects, and never says a word, costs memory
/// and a handle as well, and is nobody whose attempts could be counted. Those beyond are ended at once.
/// </summary>
internal sealed class ConnectionLimit
{
    private readonly LinkTable _links;
    private readonly int _limit;
    private int _open;
    private long _refused;

    public ConnectionLimit(LinkTable links, LimitsOptions limits, GatewayMetrics metrics)
    {
        (_links, _limit) = (links, limits.OtherConnections);
        metrics.Gauge("iotgw_connections", "Connections open now, links among them", () => Volatile.Read(ref _open));
        metrics.Count("iotgw_connections_refused_total", "Connections over Limits:OtherConnections", () => _refused);
    }

    /// <summary>Stands before TLS, whose handshake is the dearest part of a connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) =>
        async connection =>
        {
            if (Interlocked.Increment(ref _open) - _links.Count > _limit)
            {
                Interlocked.Increment(ref _refused);
                connection.Abort();
                Interlocked.Decrement(ref _open);
                return;
            }
            try
            {
                await next(connection);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        };
}
