using System.IO;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The catalogs that spilled messages need, in flash: after a firmware update the rows of the old one still go out
    /// under the names and units they were sampled with. A catalog is written once, before the first message under it.
    /// </summary>
    internal sealed class CatalogShelf
    {
        private const int Places = 4;

        private readonly string[] _paths = new string[Places];
        private readonly uint[] _hashes = new uint[Places];
        private readonly bool[] _taken = new bool[Places];

        public CatalogShelf()
        {
            for (int i = 0; i < Places; i++)
            {
                _paths[i] = @"I:\catalog" + i;
                byte[] catalog = FlashFile.Read(_paths[i]);
                _taken[i] = catalog != null && catalog.Length > 1;
                if (_taken[i])
                    _hashes[i] = Hash(catalog);
            }
        }

        public bool Has(uint hash)
        {
            return Find(hash) >= 0;
        }

        /// <summary>The whole CATALOG message, or null. A catalog is its own checksum: the hash names it.</summary>
        public byte[] Read(uint hash)
        {
            int place = Find(hash);
            byte[] catalog = place < 0 ? null : FlashFile.Read(_paths[place]);
            return catalog != null && catalog.Length > 1 && Hash(catalog) == hash ? catalog : null;
        }

        /// <summary>False when every place is taken. Throws what the flash throws.</summary>
        public bool Keep(byte[] catalog, uint hash)
        {
            for (int i = 0; i < Places; i++)
            {
                if (_taken[i])
                    continue;

                File.WriteAllBytes(_paths[i], catalog);
                _taken[i] = true;
                _hashes[i] = hash;
                return true;
            }

            return false;
        }

        /// <summary>Frees the places of all catalogs that no header among these refers to.</summary>
        public void Tidy(SegmentHeader[] used)
        {
            for (int i = 0; i < Places; i++)
            {
                bool needed = false;
                for (int k = 0; k < used.Length; k++)
                    needed |= used[k] != null && used[k].CatalogHash == _hashes[i];
                if (_taken[i] && !needed)
                {
                    FlashFile.Delete(_paths[i]);
                    _taken[i] = false;
                }
            }
        }

        private int Find(uint hash)
        {
            for (int i = 0; i < Places; i++)
            {
                if (_taken[i] && _hashes[i] == hash)
                    return i;
            }

            return -1;
        }

        private static uint Hash(byte[] catalog)
        {
            return Crc32.Compute(catalog, 1, catalog.Length - 1);
        }
    }
}
