namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// One measurement of this device. Everything the gateway needs to know of it goes out in CATALOG.
    /// </summary>
    internal interface ISensor
    {
        /// <summary>The InfluxDB measurement, 1 to 64 UTF-8 bytes.</summary>
        string Measurement { get; }

        /// <summary>Fixed for the whole boot: the catalog is written once.</summary>
        Field[] Fields { get; }

        /// <summary>
        /// Reads every field once. <paramref name="values"/> has a place per field: the integer of a decimal, the bits
        /// of a float32, 0 or 1 of a boolean. A field that could not be read keeps its present[f] false. False when
        /// nothing was read, which is an expected failure and not an exception. Allocates nothing.
        /// </summary>
        bool TryRead(long[] values, bool[] present);
    }

    internal static class FieldType
    {
        /// <summary>value = integer × 10^exponent</summary>
        public const byte Decimal = 0;
        public const byte Float32 = 1;
        public const byte Boolean = 2;
    }

    internal sealed class Field
    {
        public readonly string Name;

        /// <summary>From the SenML units registry (RFC 8428, RFC 8798); empty where there is none.</summary>
        public readonly string Unit;
        public readonly byte Type;
        public readonly sbyte Exponent;

        public Field(string name, string unit, byte type, sbyte exponent)
        {
            Name = name;
            Unit = unit;
            Type = type;
            Exponent = exponent;
        }
    }
}
