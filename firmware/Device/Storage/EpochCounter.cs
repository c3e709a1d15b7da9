using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The boot counter that names this boot's messages. It must never repeat: a gateway answers a repeated (epoch,
    /// sequence) with an ACK and throws the rows away.
    /// </summary>
    internal sealed class EpochCounter
    {
        /// <summary>Where a lost counter goes on: no board boots a thousand million times.</summary>
        public const uint SkippedRange = 1000000000;

        // u32 epoch and u32 CRC-32 of it, little-endian.
        private const int RecordBytes = 8;
        private const string Current = @"I:\epoch";
        private const string Copy = @"I:\epoch.copy";

        private readonly IBoard _board;
        private readonly uint _first;

        /// <param name="board">For its clock, where the counter is unreadable.</param>
        /// <param name="first">From provisioning: no boot of an earlier life of this flash had one so high.</param>
        public EpochCounter(IBoard board, uint first)
        {
            _board = board;
            _first = first;
        }

        /// <summary>Called once per boot. The new number is in flash before it is used.</summary>
        public uint Increment()
        {
            uint newest = Read(Current);
            uint copy = Read(Copy);
            if (copy > newest)
                newest = copy;

            uint epoch = newest + 1;
            // Files that are there and unreadable are not a first boot: 1 would name messages that exist already.
            if (newest == 0 && (File.Exists(Current) || File.Exists(Copy)))
                epoch = Unused();
            if (epoch < _first)
                epoch = _first;

            return TryStore(epoch) ? epoch : Unsaved();
        }

        /// <summary>
        /// Leaves the range that was counted so far, for a board whose counter was lost: Unix seconds are far above any
        /// count of boots, and the count goes on from there. The epoch left out between the two, which no boot will have.
        /// </summary>
        public static uint Beyond(long unixMs)
        {
            long seconds = unixMs / 1000;
            return seconds > SkippedRange && seconds < uint.MaxValue ? (uint)seconds : SkippedRange;
        }

        /// <summary>The next boot counts on from here.</summary>
        public void SkipTo(uint epoch)
        {
            TryStore(epoch);
        }

        private uint Unused()
        {
            _board.Log("epoch: the counter in flash is unreadable, starting a new range");
            if (_board.Clock.IsSet)
                return (uint)(_board.Clock.UnixMs() / 1000);
            // Without a clock: anywhere in the third quarter, where no counter and no Unix time before 2038 is, and
            // from where it can count on. Should it repeat, WELCOME's lastSequence gives it away (see GatewayLink).
            return 0x80000000 | (uint)_board.Random.Next(0x40000000);
        }

        /// <summary>
        /// Flash that is full or worn: the next boot will count from the same place, so this one leaves that count alone.
        /// </summary>
        private uint Unsaved()
        {
            // The third quarter again. Milliseconds tell two boots apart that the same second saw.
            uint place = _board.Clock.IsSet ? (uint)_board.Clock.UnixMs() : (uint)_board.Random.Next(0x40000000);
            return 0x80000000 | (place & 0x3FFFFFFF);
        }

        private static uint Read(string path)
        {
            try
            {
                if (!File.Exists(path))
                    return 0;

                byte[] record = File.ReadAllBytes(path);
                if (record.Length != RecordBytes || Crc32.Compute(record, 0, 4) != BitConverter.ToUInt32(record, 4))
                    return 0;
                return BitConverter.ToUInt32(record, 0);
            }
            catch (Exception)
            {
                // A file system that cannot give the file back is the same as a file that is not whole.
                return 0;
            }
        }

        private bool TryStore(uint epoch)
        {
            WireWriter record = new WireWriter(RecordBytes);
            record.U32(epoch);
            record.U32(Crc32.Compute(record.Buffer, 0, 4));
            try
            {
                // One after the other: a write that the power leaves in the middle spoils one, and Increment reads both.
                File.WriteAllBytes(Copy, record.Buffer);
                File.WriteAllBytes(Current, record.Buffer);
                return true;
            }
            catch (Exception e)
            {
                _board.Log("epoch: flash refused the counter " + epoch + ": " + e.Message);
                return false;
            }
        }
    }
}
