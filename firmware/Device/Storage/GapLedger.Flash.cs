using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class GapLedger
    {
        // u32 epoch, u8 clock, u64 from, u64 to, u64 rows.
        private const int GapBytes = 29;

        // u32 generation before the gaps, u32 CRC-32 behind them.
        private const int FrameBytes = 8;

        // Written in turn: a write that the power leaves in the middle spoils the older copy, never the last good one.
        private readonly string[] _paths = { @"I:\gaps0", @"I:\gaps1" };
        private uint _generation;

        /// <summary>Since it was last in flash.</summary>
        public bool Changed { get; private set; }

        /// <summary>Rows that nobody would be told of if the power went now.</summary>
        public long UnsavedRows
        {
            get
            {
                long rows = 0;
                for (int i = 0; i < _gaps.Length; i++)
                    rows += _gaps[i].Rows - _gaps[i].SavedRows;
                return rows;
            }
        }

        /// <summary>
        /// Called before a file with rows is given up, so that at no moment rows are gone that nobody tells of. The other
        /// way round can happen: a gap that is told and rows that arrive all the same.
        /// </summary>
        public bool TrySave(IBoard board, Counters counters)
        {
            if (!Changed)
                return true;

            try
            {
                byte[] file = Encode(_generation + 1);
                if (file.Length > FrameBytes)
                {
                    File.WriteAllBytes(_paths[(_generation + 1) & 1], file);
                    _generation++;
                    counters.FlashBytesWritten += file.Length;
                }
                else
                {
                    // The older one first: alone, it would tell what was delivered long ago.
                    FlashFile.Delete(_paths[(_generation + 1) & 1]);
                    FlashFile.Delete(_paths[_generation & 1]);
                }

                for (int i = 0; i < _gaps.Length; i++)
                    _gaps[i].SavedRows = _gaps[i].Rows;
                Changed = false;
                return true;
            }
            catch (Exception e)
            {
                board.Log("gaps: flash refused them: " + e.Message);
                return false;
            }
        }

        public void Restore()
        {
            byte[] newest = null;
            for (int i = 0; i < _paths.Length; i++)
            {
                byte[] file = FlashFile.Read(_paths[i]);
                uint generation;
                if (!IsWhole(file, out generation) || (newest != null && generation < _generation))
                    continue;
                newest = file;
                _generation = generation;
            }

            if (newest != null)
                Decode(newest);
        }

        private bool IsWhole(byte[] file, out uint generation)
        {
            generation = 0;
            if (file == null || file.Length < FrameBytes || file.Length > FrameBytes + _gaps.Length * GapBytes)
                return false;

            WireReader reader = new WireReader();
            reader.Reset(file, 0, file.Length);
            generation = reader.U32();
            reader.Reset(file, file.Length - 4, 4);
            return reader.U32() == Crc32.Compute(file, 0, file.Length - 4)
                && (file.Length - FrameBytes) % GapBytes == 0;
        }

        private void Decode(byte[] file)
        {
            WireReader reader = new WireReader();
            reader.Reset(file, 4, file.Length - 4);
            int count = (file.Length - FrameBytes) / GapBytes;
            for (int i = 0; i < count; i++)
            {
                Gap gap = _gaps[i];
                gap.Epoch = reader.U32();
                gap.Clock = reader.U8();
                gap.FromMs = (long)reader.U64();
                gap.ToMs = (long)reader.U64();
                gap.Rows = (long)reader.U64();
                gap.SavedRows = gap.Rows;
            }
        }

        private byte[] Encode(uint generation)
        {
            int count = 0;
            for (int i = 0; i < _gaps.Length; i++)
                count += _gaps[i].Rows > 0 ? 1 : 0;
            WireWriter writer = new WireWriter(count * GapBytes + FrameBytes);
            writer.U32(generation);
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].Rows == 0)
                    continue;
                writer.U32(_gaps[i].Epoch);
                writer.U8(_gaps[i].Clock);
                writer.U64((ulong)_gaps[i].FromMs);
                writer.U64((ulong)_gaps[i].ToMs);
                writer.U64((ulong)_gaps[i].Rows);
            }

            writer.U32(Crc32.Compute(writer.Buffer, 0, writer.Length));
            return writer.Buffer;
        }
    }
}
