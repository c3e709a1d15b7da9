using System;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Boards
{
    /// <summary>
    /// Checked once at boot, on the bench: after this, one row of everything fits one message, and sealing always ends.
    /// </summary>
    internal static class Composition
    {
        private const int TelemetryHeadBytes = 1 + 4 + 4 + 1 + 8 + 1;

        // Sensor, rows, first time, interval; then per field its encoding and a ten-byte varint.
        private const int BlockHeadBytes = 1 + 1 + 10 + 1;
        private const int FieldBytes = 1 + 10;

        public static void Check(ISensor[] sensors, WireWriter catalog)
        {
            if (catalog.Overflowed)
                throw new InvalidOperationException("the catalog is over 4096 bytes: shorten names, or drop sensors");
            if (sensors.Length > ProtocolLimits.Sensors)
                throw new InvalidOperationException("a device has at most 64 sensors");

            int oneRow = TelemetryHeadBytes;
            for (int i = 0; i < sensors.Length; i++)
            {
                if (sensors[i].Fields.Length > ProtocolLimits.FieldsPerSensor)
                    throw new InvalidOperationException(sensors[i].Measurement + " has more than 32 fields");
                oneRow += BlockHeadBytes + sensors[i].Fields.Length * FieldBytes;
            }

            if (oneRow > ProtocolLimits.MessageBytes)
                throw new InvalidOperationException("one row of all sensors is over 4096 bytes: drop sensors");
        }
    }
}
