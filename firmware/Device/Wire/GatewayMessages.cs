namespace IoTGateway.Device.Wire
{
    // The messages a gateway sends (PROTOCOL.md, Gateway to device). Each TryRead takes the reader behind the type byte
    // and answers whether the body was whole and nothing was left over. The objects are reused from message to message.

    internal sealed class Welcome
    {
        public long NowMs;
        public uint LastSequence;
        public ushort PingSeconds;
        public ushort MaxMessageBytes;
        public ushort Window;
        public bool WantsCatalog;

        public bool TryRead(WireReader reader)
        {
            if (reader.U8() != ProtocolLimits.Version)
                reader.Fail();
            NowMs = reader.TimeMs();
            LastSequence = reader.U32();
            PingSeconds = reader.U16();
            MaxMessageBytes = reader.U16();
            Window = reader.U16();
            // The other bits are ignored: a later gateway may say more to devices that listen.
            WantsCatalog = (reader.U8() & 1) != 0;
            return reader.Complete;
        }
    }

    internal sealed class Ack
    {
        public uint Epoch;
        public uint Sequence;

        public bool TryRead(WireReader reader)
        {
            Epoch = reader.U32();
            Sequence = reader.U32();
            return reader.Complete;
        }
    }

    internal sealed class Command
    {
        public byte[] Id;
        public uint TtlMs;
        public string Name;
        public string Arguments;

        public bool TryRead(WireReader reader)
        {
            Id = reader.Bytes(ProtocolLimits.CommandIdBytes);
            TtlMs = reader.U32();
            Name = reader.Name();
            Arguments = reader.Str();
            return reader.Complete;
        }
    }

    internal sealed class Desired
    {
        public uint Version;
        public string Json;

        public bool TryRead(WireReader reader)
        {
            Version = reader.U32();
            Json = reader.Str();
            return reader.Complete;
        }
    }

    internal sealed class Refused
    {
        public uint Epoch;
        public uint Sequence;
        public byte Reason;

        public bool TryRead(WireReader reader)
        {
            Epoch = reader.U32();
            Sequence = reader.U32();
            Reason = reader.U8();
            if (Reason < 1 || Reason > 4)
                reader.Fail();
            return reader.Complete;
        }
    }

    internal sealed class RetryAfter
    {
        public uint Milliseconds;

        public bool TryRead(WireReader reader)
        {
            Milliseconds = reader.U32();
            return reader.Complete;
        }
    }
}
