namespace IoTGateway.Device.Sensors
{
    /// <summary>SHT3x-DIS data sheet, version 5, sections 4.12 and 4.13, page 14. Knows nothing of I2C.</summary>
    internal static class Sht31Conversion
    {
        /// <summary>x⁸ + x⁵ + x⁴ + 1 from 0xFF, over the two bytes before it.</summary>
        public static byte Crc(byte first, byte second)
        {
            return Next(Next(0xFF, first), second);
        }

        /// <summary>-45 + 175 × raw / 65535 in hundredths of a degree.</summary>
        public static int CentiCelsius(int raw)
        {
            return (17500 * raw + 32767) / 65535 - 4500;
        }

        /// <summary>100 × raw / 65535 in hundredths of a percent.</summary>
        public static int CentiPercentHumidity(int raw)
        {
            return (10000 * raw + 32767) / 65535;
        }

        private static byte Next(int crc, byte next)
        {
            crc ^= next;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 0x80) != 0 ? ((crc << 1) ^ 0x31) & 0xFF : (crc << 1) & 0xFF;
            return (byte)crc;
        }
    }
}
