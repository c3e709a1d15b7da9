namespace IoTGateway.Device.Wire
{
    /// <summary>CRC-32/ISO-HDLC: reflected polynomial 0xEDB88320, check value of "123456789" is 0xCBF43926.</summary>
    internal static class Crc32
    {
        // A table of nibbles: 64 bytes instead of the usual kilobyte, and fast enough for a catalog once per boot.
        private static readonly uint[] Nibbles = new uint[]
        {
            0x00000000,
            0x1DB71064,
            0x3B6E20C8,
            0x26D930AC,
            0x76DC4190,
            0x6B6B51F4,
            0x4DB26158,
            0x5005713C,
            0xEDB88320,
            0xF00F9344,
            0xD6D6A3E8,
            0xCB61B38C,
            0x9B64C2B0,
            0x86D3D2D4,
            0xA00AE278,
            0xBDBDF21C,
        };

        public static uint Compute(byte[] bytes, int offset, int length)
        {
            uint crc = 0xFFFFFFFF;
            for (int i = offset; i < offset + length; i++)
            {
                crc ^= bytes[i];
                crc = (crc >> 4) ^ Nibbles[crc & 0x0F];
                crc = (crc >> 4) ^ Nibbles[crc & 0x0F];
            }

            return crc ^ 0xFFFFFFFF;
        }
    }
}
