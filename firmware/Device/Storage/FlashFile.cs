using System;
using System.IO;

namespace IoTGateway.Device.Storage
{
    /// <summary>Files of which each is checked by its own CRC: one that cannot be read is the same as one that is not whole.</summary>
    internal static class FlashFile
    {
        /// <summary>Null where there is none, or none that can be read.</summary>
        public static byte[] Read(string path)
        {
            try
            {
                return File.Exists(path) ? File.ReadAllBytes(path) : null;
            }
            catch (Exception)
            {
                return null;
            }
        }

        public static void Delete(string path)
        {
            try
            {
                if (File.Exists(path))
                    File.Delete(path);
            }
            catch (Exception)
            {
                // It is read again at the next boot, and what it holds is then sent twice, which the gateway expects.
            }
        }
    }
}
