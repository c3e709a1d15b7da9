namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// The trimming values that each chip has of its own. BME280 data sheet, revision 1.6, section 4.2.2, pages 24 and 25.
    /// </summary>
    internal sealed class Bme280Calibration
    {
        /// <summary>calib00 to calib25, from 0x88.</summary>
        public const int LowBytes = 26;

        /// <summary>calib26 to calib32, from 0xE1.</summary>
        public const int HighBytes = 7;

        public int T1;
        public int T2;
        public int T3;
        public int P1;
        public int P2;
        public int P3;
        public int P4;
        public int P5;
        public int P6;
        public int P7;
        public int P8;
        public int P9;
        public int H1;
        public int H2;
        public int H3;
        public int H4;
        public int H5;
        public int H6;

        /// <summary>False when the bytes are no calibration: a chip that was not ready answers all zeros.</summary>
        public bool TryParse(byte[] low, byte[] high)
        {
            T1 = Unsigned(low, 0);
            T2 = Signed(low, 2);
            T3 = Signed(low, 4);
            P1 = Unsigned(low, 6);
            P2 = Signed(low, 8);
            P3 = Signed(low, 10);
            P4 = Signed(low, 12);
            P5 = Signed(low, 14);
            P6 = Signed(low, 16);
            P7 = Signed(low, 18);
            P8 = Signed(low, 20);
            P9 = Signed(low, 22);
            H1 = low[25];
            H2 = Signed(high, 0);
            H3 = high[2];
            // Two 12-bit values share the byte at 0xE5.
            H4 = ((sbyte)high[3] << 4) | (high[4] & 0x0F);
            H5 = ((sbyte)high[5] << 4) | (high[4] >> 4);
            H6 = (sbyte)high[6];
            return T1 != 0 && P1 != 0;
        }

        private static int Unsigned(byte[] bytes, int at)
        {
            return bytes[at] | (bytes[at + 1] << 8);
        }

        private static int Signed(byte[] bytes, int at)
        {
            return (short)(bytes[at] | (bytes[at + 1] << 8));
        }
    }
}
