using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class GapLedger
    {
        // u32 epoch, u8 clock, u64 from, u64 to, u32 rows (0: uncounted). Sixteen of them and the rest are 492 bytes:
        // LittleFS keeps a file of up to 512 within its directory, where it has room even when the flash is full.
        private const int GapBytes = 25;

        // u32 generation, the open gap and the lanes of times before the gaps, u32 CRC-32 behind them.
        private const int FrameBytes = 4 + OpenGap.Bytes + RowLanes.Bytes + 4;

        // Written in turn: a write that the power leaves in the middle spoils the older copy, never the last good one.
        private readonly string[] _paths = { @"I:\gaps0", @"I:\gaps1" };
        private readonly OpenGap _open = new OpenGap();
        private readonly OpenGap _openInFlash = new OpenGap();
        private uint _generation;

        /// <summary>Which times rows were given.</summary>
        public RowLanes Lanes { get; } = new RowLanes();

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

        /// <summary>Whether the flash says of a row with such a time that it was given, and what a power cut would lose.</summary>
        public bool Covers(byte clock, long fromMs, long toMs)
        {
            return Lanes.AreSaved && _openInFlash.Covers(clock, fromMs, toMs);
        }

        /// <summary>To be widened over all rows in RAM, and then saved.</summary>
        public OpenGap Reopen(uint epoch, long unixMsAtBoot, long aheadMs)
        {
            Lanes.Plan(aheadMs);
            _open.Begin(epoch, unixMsAtBoot);
            Changed = true;
            return _open;
        }

        /// <summary>An orderly end: no row is in RAM alone.</summary>
        public void Close()
        {
            Changed |= _openInFlash.Epoch != 0;
            _open.Clear();
            Lanes.Plan(0);
        }

        /// <summary>Rows since boot have got their places on the wall clock.</summary>
        public void Placed()
        {
            Lanes.Plan(0);
            Changed = true;
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
                if (file.Length > FrameBytes || _open.Epoch != 0 || Lanes.AreUsed)
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
                _openInFlash.CopyFrom(_open);
                Lanes.Saved();
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
            if (_open.Epoch != 0)
                Tear(_open);
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
            _open.Read(reader);
            Lanes.Read(reader);
            _openInFlash.CopyFrom(_open);
            int count = (file.Length - FrameBytes) / GapBytes;
            for (int i = 0; i < count; i++)
            {
                uint epoch = reader.U32();
                byte clock = reader.U8();
                Gap gap = _gaps[i < Own ? i : Own + (clock & 1)];
                gap.Epoch = epoch;
                gap.Clock = clock;
                gap.FromMs = (long)reader.U64();
                gap.ToMs = (long)reader.U64();
                gap.Rows = reader.U32();
                gap.Uncounted = gap.Rows == 0;
                gap.SavedRows = gap.Rows;
            }
        }

        private byte[] Encode(uint generation)
        {
            int count = 0;
            for (int i = 0; i < _gaps.Length; i++)
                count += _gaps[i].InUse ? 1 : 0;
            WireWriter writer = new WireWriter(count * GapBytes + FrameBytes);
            writer.U32(generation);
            _open.Write(writer);
            Lanes.Write(writer);
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (!_gaps[i].InUse)
                    continue;
                writer.U32(_gaps[i].Epoch);
                writer.U8(_gaps[i].Clock);
                writer.U64((ulong)_gaps[i].FromMs);
                writer.U64((ulong)_gaps[i].ToMs);
                writer.U32((uint)_gaps[i].Rows);
            }

            writer.U32(Crc32.Compute(writer.Buffer, 0, writer.Length));
            return writer.Buffer;
        }
    }
}
