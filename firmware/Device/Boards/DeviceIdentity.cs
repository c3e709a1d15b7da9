namespace IoTGateway.Device.Boards
{
    /// <summary>What this boot is to the gateway. Fixed from boot to boot.</summary>
    internal sealed class DeviceIdentity
    {
        public readonly uint Epoch;
        public readonly string Firmware;

        /// <summary>The whole CATALOG message, encoded once.</summary>
        public readonly byte[] Catalog;

        /// <summary>CRC-32 of the CATALOG body, the bytes behind the type.</summary>
        public readonly uint CatalogHash;

        public DeviceIdentity(uint epoch, string firmware, byte[] catalog)
        {
            Epoch = epoch;
            Firmware = firmware;
            Catalog = catalog;
            CatalogHash = Wire.Crc32.Compute(catalog, 1, catalog.Length - 1);
        }
    }
}
