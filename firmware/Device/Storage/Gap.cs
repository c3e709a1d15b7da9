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
        /// Told on this link. From then on the numbers are frozen: a gateway that hears them twice must hear the same.
        /// </summary>
        public bool Sent;

        /// <summary>GAP has no ACK of its own: it is delivered once this later TELEMETRY is acknowledged. 0: none yet.</summary>
        public uint DeliveredWith;

        /// <summary>How many of the rows the copy in flash knows of: the rest of the telling is lost with the power.</summary>
        public long SavedRows;

        public bool Takes(OutboxEntry entry)
        {
            return Rows == 0 || (!Sent && Epoch == entry.Epoch && Clock == entry.Clock);
        }

        public void Add(OutboxEntry entry)
        {
            if (Rows == 0)
            {
                Epoch = entry.Epoch;
                Clock = entry.Clock;
                FromMs = entry.FromMs;
                ToMs = entry.ToMs;
            }

            if (entry.FromMs < FromMs)
                FromMs = entry.FromMs;
            if (entry.ToMs > ToMs)
                ToMs = entry.ToMs;
            Rows += entry.Rows;
        }

        public void Clear()
        {
            Rows = 0;
            SavedRows = 0;
            Sent = false;
            DeliveredWith = 0;
        }
    }
}
