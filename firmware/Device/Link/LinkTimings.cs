namespace IoTGateway.Device.Link
{
    /// <summary>Every time the link waits for, in milliseconds.</summary>
    internal sealed class LinkTimings
    {
        /// <summary>A Connect that has not come back by then hangs in the network stack for good.</summary>
        public int ConnectMs = 90000;
        public int WelcomeMs = 10000;

        /// <summary>No ACK for that long while messages wait for one: the other end is gone, whatever the socket says.</summary>
        public int StallMs = 60000;

        /// <summary>See LinkCures: a PING after so long without a message, and the end when so long no PONG comes.</summary>
        public int KeepAliveMs = 15000;
        public int ServerTimeoutMs = 10000;
        public int BackoffBaseMs = 1000;
        public int BackoffCapMs = 60000;

        /// <summary>
        /// So many links in a row that failed, for whatever reason, are cured by a reboot. At the backoff's cap that is one
        /// reboot in about half a day of an outage, each of which writes what is in RAM and two small files.
        /// </summary>
        public int FailuresBeforeReboot = 1440;

        /// <summary>See LinkCures.</summary>
        public int RestBeforeCollectMs = 500;
        public int RestAfterCollectMs = 100;

        /// <summary>How long an orderly end waits for the last ACKs.</summary>
        public int DrainMs = 3000;

        /// <summary>How long a BYE has to get out.</summary>
        public int FarewellMs = 1000;

        /// <summary>Nobody can silence a device for longer by one number.</summary>
        public int RetryAfterCapMs = 3600000;

        /// <summary>After RETRY_AFTER the gateway closes; if it does not, we do.</summary>
        public int LeaveMs = 10000;

        /// <summary>An answer that comes later than this behind its wait does not come (PROTOCOL.md, HTTP).</summary>
        public int AnswerMs = 20000;

        /// <summary>
        /// The most an answer is held for a command: under the 30 s at which many proxies give a silent answer up.
        /// </summary>
        public int LongPollSeconds = 25;

        /// <summary>The same where a setting wants changes sent at once.</summary>
        public int LongPollSecondsWatching = 5;

        /// <summary>Between requests that carry nothing, where messages come so often that no answer is held.</summary>
        public int LeastAskMs = 1000;

        /// <summary>So many handshakes in a row that something in between breaks, and it is long polling.</summary>
        public int BrokenHandshakesBeforePolling = 3;

        /// <summary>Until the first try of a WebSocket from long polling (TransportChoice).</summary>
        public int WebSocketAgainMs = 600000;
    }
}
