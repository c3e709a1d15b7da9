namespace IoTGateway.Device.Link
{
    /// <summary>
    /// What the stock WebSocket client does wrong, and where it is cured. All of it was seen in the client's own
    /// behaviour or read in its source (System.Net.WebSockets.Client 1.1.170); look here before you simplify.
    ///
    /// 1.  SendBytes masks the caller's array in place. Cure: every send gets an array of its own
    ///     (Outbox.TakeNextToSend, GatewayLink.SendScratch); what waits for its ACK is never handed over.
    /// 2.  Its own fragmentation corrupts, and a message of exactly MaxFragmentSize never ends; a length of exactly
    ///     65,535 wedges the link. Cure: MaxFragmentSize = int.MaxValue, and no message above 4,096 bytes
    ///     (ProtocolLimits.MessageBytes).
    /// 3.  A refused port or a missing CA throws nothing: State stays Closed. Cure: WebSocketConnection looks at State after
    ///     Connect, whatever Connect did.
    /// 4.  Every refusal of the handshake (401, 403, 429, 503 …) is one exception without a status. Cure: Doctor asks
    ///     GET /v1/doctor, and the answer is logged.
    /// 5.  A TLS failure may leave State = Connecting, where Dispose and Abort throw, as they do on whatever never
    ///     opened. Cure: WebSocketConnection catches everything, and ends only what opened.
    /// 6.  Connect has no time limit. On ws it blocks its own thread only (WebSocketConnection.Begin), and three of those
    ///     lost in the stack are a reason to reboot (GatewayLink). On wss it blocks the whole interpreter, this code
    ///     included: a board that must come back from that needs a watchdog outside (hardware/sensor-node).
    /// 7.  Close() sends no close frame and lingers. Cure: BYE, then Abort: the gateway takes that for an orderly end.
    /// 8.  ConnectionClosed may fire twice, and late. Cure: one WebSocketConnection per link; closing is a flag, set any
    ///     number of times, and a late event lands in one that nobody looks at any more.
    /// 9.  At the end of a stream its receive loop spins, and it tells nobody. Cure: KeepAliveInterval and ServerTimeout
    ///     (LinkTimings.KeepAliveMs, ServerTimeoutMs), and our own time limits for WELCOME and ACK.
    /// 10. Its send queue is unbounded, and a send may hang after the server vanished. Cure: at most four messages
    ///     without ACK, a stall timer, then Abort.
    /// 11. The old socket's finalizer closes the NEW TLS socket (397 reconnects of 400 failed, 0 of 20 with the cure).
    ///     Cure: Abort, 500 ms, a collection, the finalizers, 100 ms, and only then the next Connect. The link's loop
    ///     waits these as states, so that sampling goes on meanwhile; between requests HttpExchange.Reopen rests on its own
    ///     thread.
    /// 12. A server's fragments arrive as separate events. The gateway never fragments; WebSocketConnection refuses
    ///     a fragment and ends the link.
    ///     Whatever else it leaves behind: so many failures of any kind in a row (LinkTimings.FailuresBeforeReboot) are a
    ///     reason to reboot too.
    /// 13. The server's choice of subprotocol is neither checked nor shown. WELCOME's version byte stands in for it.
    /// </summary>
    internal static class LinkCures
    {
        public const int MaxFragmentSize = int.MaxValue;
        public const int HungConnectsBeforeReboot = 3;
    }
}
