namespace IoTGateway.Device.Storage
{
    /// <summary>Rows that were dropped before the gateway had them, to be told in a GAP message.</summary>
    internal sealed class Gap
    {
        public uint Epoch;
        public byte Clock;
        public long FromMs;
        public long ToMs;
        public long Rows;

        /// <summary>
        /// What was in RAM when the power went: how many rows, nobody knows. It is told with 0 rows, and takes in no others.
        /// </summary>
        public bool Uncounted;

        /// <summary>
        /// Told on this link. From then on the numbers are frozen: a gateway that hears them twice must hear the same.
        /// </summary>
        public bool Sent;

        /// <summary>GAP has no ACK of its own: it is delivered once this later TELEMETRY is acknowledged. 0: none yet.</summary>
        public uint DeliveredWith;

        /// <summary>How many of the rows the copy in flash knows of: the rest of the telling is lost with the power.</summary>
        public long SavedRows;

        public bool InUse
        {
            get { return Rows > 0 || Uncounted; }
        }

        public bool Takes(OutboxEntry entry)
        {
            return !InUse || (!Uncounted && !Sent && Epoch == entry.Epoch && Clock == entry.Clock);
        }

        public void Add(OutboxEntry entry)
        {
            if (!InUse)
            {
                Epoch = entry.Epoch;
                Clock = entry.Clock;
                FromMs = entry.FromMs;
                ToMs = entry.ToMs;
            }

            Widen(entry.FromMs, entry.ToMs);
            Rows += entry.Rows;
        }

        /// <summary>Rows of a boot that had no orderly end. Beside rows that were counted, the count is "at least".</summary>
        public void Tear(uint epoch, byte clock, long fromMs, long toMs)
        {
            if (!InUse)
            {
                Epoch = epoch;
                Clock = clock;
                FromMs = fromMs;
                ToMs = toMs;
                Uncounted = true;
            }

            Widen(fromMs, toMs);
        }

        public void Widen(long fromMs, long toMs)
        {
            if (fromMs < FromMs)
                FromMs = fromMs;
            if (toMs > ToMs)
                ToMs = toMs;
        }

        public void Clear()
        {
            Rows = 0;
            Uncounted = false;
            SavedRows = 0;
            Sent = false;
            DeliveredWith = 0;
        }
    }
}
