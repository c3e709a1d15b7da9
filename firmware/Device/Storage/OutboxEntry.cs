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

        internal int Offset;
        internal int Length;
    }
}
