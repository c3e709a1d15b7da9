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
        public int BackoffBaseMs = 1000;
        public int BackoffCapMs = 60000;

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
    }
}
