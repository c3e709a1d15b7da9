namespace IoTGateway.Device.Wire
{
    /// <summary>Strict UTF-8 (RFC 3629): the platform's decoder replaces bad bytes in silence, the protocol refuses them.</summary>
    internal static class Utf8
    {
        public static bool IsValid(byte[] bytes, int offset, int length)
        {
            int end = offset + length;
            int i = offset;
            while (i < end)
            {
                byte lead = bytes[i];
                int follow = FollowingBytes(lead);
                if (follow < 0 || follow > end - i - 1 || (follow > 0 && !SecondByteFits(lead, bytes[i + 1])))
                    return false;

                for (int k = 2; k <= follow; k++)
                {
                    if ((bytes[i + k] & 0xC0) != 0x80)
                        return false;
                }

                i += follow + 1;
            }

            return true;
        }

        private static int FollowingBytes(byte lead)
        {
            if (lead < 0x80)
                return 0;
            if (lead >= 0xC2 && lead <= 0xDF)
                return 1;
            if (lead >= 0xE0 && lead <= 0xEF)
                return 2;
            if (lead >= 0xF0 && lead <= 0xF4)
                return 3;
            return -1;
        }

        // The second byte's range is what keeps overlong forms, surrogates and values above U+10FFFF out.
        private static bool SecondByteFits(byte lead, byte second)
        {
            if (lead == 0xE0)
                return second >= 0xA0 && second <= 0xBF;
            if (lead == 0xED)
                return second >= 0x80 && second <= 0x9F;
            if (lead == 0xF0)
                return second >= 0x90 && second <= 0xBF;
            if (lead == 0xF4)
                return second >= 0x80 && second <= 0x8F;
            return second >= 0x80 && second <= 0xBF;
        }
    }
}
