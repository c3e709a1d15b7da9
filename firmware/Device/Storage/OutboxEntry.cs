namespace IoTGateway.Device.Storage
{
    /// <summary>What the outbox knows of a message without decoding it. The objects are reused.</summary>
    internal sealed class OutboxEntry
    {
        public uint Epoch;
        public uint Sequence;
        public byte Clock;
        public long FromMs;
        public long ToMs;
        public int Rows;

        /// <summary>REFUSED by the gateway: never sent again, and gone when it reaches the head.</summary>
        public bool Refused;

        /// <summary>The catalog under which its bytes make sense.</summary>
        public uint CatalogHash;

        /// <summary>When it came to wait, by the clock since boot.</summary>
        public long SealedMs;

        internal int Offset;
        internal int Length;
    }
}
