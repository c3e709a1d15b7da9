namespace IoTGateway.Device.Wire
{
    /// <summary>The first byte of every message (PROTOCOL.md, Messages).</summary>
    internal static class MessageType
    {
        public const byte Hello = 0x01;
        public const byte Catalog = 0x02;
        public const byte Telemetry = 0x03;
        public const byte CommandResult = 0x04;
        public const byte Log = 0x05;
        public const byte Reported = 0x06;
        public const byte Gap = 0x07;
        public const byte Bye = 0x08;

        public const byte Welcome = 0x81;
        public const byte Ack = 0x82;
        public const byte Command = 0x83;
        public const byte Desired = 0x84;
        public const byte Refused = 0x85;
        public const byte RetryAfter = 0x86;
    }

    internal static class ProtocolLimits
    {
        public const byte Version = 1;

        /// <summary>
        /// Far under the 16 KiB the protocol allows: the stock WebSocket client breaks at 32 KiB and at 65,535 bytes,
        /// and a board with 100 KB of heap holds three such buffers at once.
        /// </summary>
        public const int MessageBytes = 4096;
        public const int Window = 4;
        public const int Sensors = 64;
        public const int FieldsPerSensor = 32;
        public const int RowsPerBlock = 4096;
        public const int ReadingsPerMessage = 65536;

        /// <summary>The last millisecond whose nanoseconds fit 64 bits, which the databases behind the gateway keep.</summary>
        public const ulong LatestMs = 9223372036854;
        public const int NameBytes = 64;
        public const int UnitBytes = 16;
        public const int MaxExponent = 18;
        public const int CommandIdBytes = 16;
    }

    internal static class ClockFlag
    {
        public const byte SinceBoot = 0;
        public const byte Unix = 1;
    }

    internal static class ByeReason
    {
        public const byte Shutdown = 1;
        public const byte Reboot = 2;
        public const byte DeepSleep = 3;
        public const byte Update = 4;
    }

    internal static class LogLevel
    {
        public const byte Trace = 0;
        public const byte Debug = 1;
        public const byte Information = 2;
        public const byte Warning = 3;
        public const byte Error = 4;
        public const byte Critical = 5;
    }
}
