namespace IoTGateway.Device.Wire
{
    /// <summary>
    /// Writes the messages a device sends (PROTOCOL.md, Device to gateway), each from an empty writer.
    /// CATALOG is written by <see cref="CatalogWriter"/>, TELEMETRY by the batch that holds the rows.
    /// </summary>
    internal static class DeviceMessages
    {
        public static void Hello(
            WireWriter writer,
            uint epoch,
            byte clock,
            long nowMs,
            uint catalogHash,
            string firmware,
            string board,
            byte resetReason
        )
        {
            Begin(writer, MessageType.Hello);
            writer.U8(ProtocolLimits.Version);
            writer.U32(epoch);
            writer.U8(clock);
            writer.U64((ulong)nowMs);
            writer.U32(catalogHash);
            writer.U16(ProtocolLimits.MessageBytes);
            writer.Str(firmware);
            writer.Str(board);
            writer.U8(resetReason);
        }

        /// <summary>What precedes the blocks of a TELEMETRY.</summary>
        public static void TelemetryHead(
            WireWriter writer,
            uint epoch,
            uint sequence,
            byte clock,
            long baseMs,
            int blocks
        )
        {
            Begin(writer, MessageType.Telemetry);
            writer.U32(epoch);
            writer.U32(sequence);
            writer.U8(clock);
            writer.U64((ulong)baseMs);
            writer.Varint((ulong)blocks);
        }

        public static void CommandResult(WireWriter writer, byte[] id, byte outcome, string json)
        {
            Begin(writer, MessageType.CommandResult);
            writer.Bytes(id, 0, ProtocolLimits.CommandIdBytes);
            writer.U8(outcome);
            writer.Str(json);
        }

        public static void Log(WireWriter writer, byte level, byte clock, long atMs, string category, string message)
        {
            Begin(writer, MessageType.Log);
            writer.U8(level);
            writer.U8(clock);
            writer.U64((ulong)atMs);
            writer.Str(category);
            writer.Str(message);
        }

        public static void Reported(WireWriter writer, uint version, string json)
        {
            Begin(writer, MessageType.Reported);
            writer.U32(version);
            writer.Str(json);
        }

        public static void Gap(WireWriter writer, uint epoch, byte clock, long fromMs, long toMs, long rowsDropped)
        {
            Begin(writer, MessageType.Gap);
            writer.U32(epoch);
            writer.U8(clock);
            writer.U64((ulong)fromMs);
            writer.U64((ulong)toMs);
            writer.Varint((ulong)rowsDropped);
        }

        public static void Bye(WireWriter writer, byte reason, uint expectedBackSeconds)
        {
            Begin(writer, MessageType.Bye);
            writer.U8(reason);
            writer.U32(expectedBackSeconds);
        }

        private static void Begin(WireWriter writer, byte type)
        {
            writer.Clear();
            writer.U8(type);
        }
    }
}
