using System;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The oldest spill file, read back to be sent: its bytes, and where each message lies in them. Per message: varint
    /// length, varint rows, varint of the time its rows span, and the TELEMETRY as it was sealed.
    /// </summary>
    internal sealed class Segment
    {
        public const int MostMessages = 112;

        private readonly OutboxEntry[] _entries = new OutboxEntry[MostMessages];
        private readonly WireReader _reader = new WireReader();
        private readonly WireReader _head = new WireReader();
        private byte[] _file;

        public Segment()
        {
            for (int i = 0; i < MostMessages; i++)
                _entries[i] = new OutboxEntry();
        }

        /// <summary>Messages in the file; those before <see cref="First"/> are acknowledged or refused.</summary>
        public int Count { get; private set; }

        public int First { get; set; }

        public static int OverheadBytes(OutboxEntry entry)
        {
            return WireWriter.VarintBytes(entry.Length)
                + WireWriter.VarintBytes(entry.Rows)
                + WireWriter.VarintBytes(entry.ToMs - entry.FromMs);
        }

        public static void WriteHead(WireWriter writer, OutboxEntry entry)
        {
            writer.Varint((ulong)entry.Length);
            writer.Varint((ulong)entry.Rows);
            writer.Varint((ulong)(entry.ToMs - entry.FromMs));
        }

        public OutboxEntry At(int index)
        {
            return _entries[index];
        }

        /// <summary>A fresh copy: the socket scribbles on what it is given.</summary>
        public byte[] Copy(int index)
        {
            byte[] copy = new byte[_entries[index].Length];
            Array.Copy(_file, _entries[index].Offset, copy, 0, copy.Length);
            return copy;
        }

        public bool TryLoad(byte[] file, SegmentHeader header)
        {
            Unload();
            if (!header.BodyIsWhole(file) || header.Messages > MostMessages)
                return false;

            _reader.Reset(file, SegmentHeader.Bytes, header.BodyBytes);
            for (int i = 0; i < header.Messages; i++)
            {
                OutboxEntry entry = _entries[i];
                entry.Length = _reader.Count(ProtocolLimits.MessageBytes);
                entry.Rows = _reader.Count(ProtocolLimits.ReadingsPerMessage);
                long span = (long)_reader.Varint();
                entry.Offset = _reader.Position;
                if (!_reader.Skip(entry.Length) || !TryReadHead(file, entry))
                    return false;
                entry.ToMs = entry.FromMs + span;
                entry.CatalogHash = header.CatalogHash;
                entry.Refused = false;
            }

            _file = file;
            Count = header.Messages;
            return _reader.Complete;
        }

        public void Unload()
        {
            _file = null;
            Count = 0;
            First = 0;
        }

        private bool TryReadHead(byte[] file, OutboxEntry entry)
        {
            _head.Reset(file, entry.Offset, entry.Length);
            byte type = _head.U8();
            entry.Epoch = _head.U32();
            entry.Sequence = _head.U32();
            entry.Clock = _head.U8();
            entry.FromMs = (long)_head.U64();
            return type == MessageType.Telemetry && !_head.Failed;
        }
    }
}
