using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// What one spill file holds, without its messages. It stands at both ends of the file: where one end is damaged, the
    /// other still says which rows are gone.
    /// </summary>
    internal sealed class SegmentHeader
    {
        public const int Bytes = 62;
        private const byte Version = 1;

        /// <summary>Grows from file to file, over all boots: the oldest is sent first.</summary>
        public uint Order;
        public uint Epoch;
        public uint CatalogHash;
        public byte Clock;

        /// <summary>What turns since-boot times of this epoch into Unix time; 0 while that is not known.</summary>
        public long UnixMsAtBoot;
        public uint FirstSequence;
        public uint LastSequence;
        public long FromMs;
        public long ToMs;
        public int Rows;
        public ushort Messages;
        public ushort BodyBytes;
        public uint BodyCrc;

        public void Write(WireWriter writer)
        {
            int start = writer.Length;
            writer.U8(Version);
            writer.U32(Order);
            writer.U32(Epoch);
            writer.U32(CatalogHash);
            writer.U8(Clock);
            writer.U64((ulong)UnixMsAtBoot);
            writer.U32(FirstSequence);
            writer.U32(LastSequence);
            writer.U64((ulong)FromMs);
            writer.U64((ulong)ToMs);
            writer.U32((uint)Rows);
            writer.U16(Messages);
            writer.U16(BodyBytes);
            writer.U32(BodyCrc);
            writer.U32(Crc32.Compute(writer.Buffer, start, writer.Length - start));
        }

        public bool TryRead(byte[] file, int offset)
        {
            if (offset < 0 || file.Length - offset < Bytes)
                return false;

            WireReader reader = new WireReader();
            reader.Reset(file, offset, Bytes);
            byte version = reader.U8();
            Order = reader.U32();
            Epoch = reader.U32();
            CatalogHash = reader.U32();
            Clock = reader.U8();
            UnixMsAtBoot = (long)reader.U64();
            FirstSequence = reader.U32();
            LastSequence = reader.U32();
            FromMs = (long)reader.U64();
            ToMs = (long)reader.U64();
            Rows = (int)reader.U32();
            Messages = reader.U16();
            BodyBytes = reader.U16();
            BodyCrc = reader.U32();
            return version == Version && reader.U32() == Crc32.Compute(file, offset, Bytes - 4) && reader.Complete;
        }

        public bool BodyIsWhole(byte[] file)
        {
            return file.Length == Bytes + BodyBytes + Bytes && Crc32.Compute(file, Bytes, BodyBytes) == BodyCrc;
        }

        /// <summary>For the gap to tell when these rows are lost.</summary>
        public void Describe(OutboxEntry entry)
        {
            entry.Epoch = Epoch;
            entry.Clock = Clock;
            entry.FromMs = FromMs;
            entry.ToMs = ToMs;
            entry.Rows = Rows;
        }
    }
}
