using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class GapLedger
    {
        private const string Path = @"I:\gaps";

        // u32 epoch, u8 clock, u64 from, u64 to, u64 rows.
        private const int GapBytes = 29;

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
                byte[] file = Encode();
                if (file.Length > 4)
                    File.WriteAllBytes(Path, file);
                else if (File.Exists(Path))
                    File.Delete(Path);
                counters.FlashBytesWritten += file.Length;
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
            byte[] file = FlashFile.Read(Path);
            if (file == null || file.Length < 4 || file.Length > 4 + _gaps.Length * GapBytes)
                return;

            WireReader reader = new WireReader();
            reader.Reset(file, 0, file.Length);
            int count = (file.Length - 4) / GapBytes;
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

            if (reader.U32() == Crc32.Compute(file, 0, file.Length - 4) && reader.Complete)
                return;
            for (int i = 0; i < count; i++)
                _gaps[i].Clear();
        }

        private byte[] Encode()
        {
            int count = 0;
            for (int i = 0; i < _gaps.Length; i++)
                count += _gaps[i].Rows > 0 ? 1 : 0;
            WireWriter writer = new WireWriter(count * GapBytes + 4);
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
