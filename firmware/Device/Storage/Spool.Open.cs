using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class Spool
    {
        // Where TELEMETRY has its epoch (PROTOCOL.md, TELEMETRY).
        private const int EpochOffset = 1;

        private readonly DeviceSettings _settings;
        private long _reopenAtMs;

        /// <summary>
        /// Writes down what a power cut would lose from now on: all that is in RAM, these rows, and what comes in the next
        /// while. A flash that takes nothing at all costs this knowledge and no rows.
        /// </summary>
        public void Reopen(Outbox outbox, byte clock, long fromMs, long toMs)
        {
            if (_reopenAtMs != 0 && NowMs < _reopenAtMs)
                return;

            long ahead = LookAheadMs();
            OpenGap open = Gaps.Reopen(_epoch, UnixMsAtBoot(), ahead);
            outbox.Widen(open);
            open.Widen(clock, fromMs, toMs + ahead);
            _reopenAtMs = Gaps.TrySave(_board, _counters) ? 0 : NowMs + RetryMs;
        }

        /// <summary>
        /// As long as this boot lasts already, up to the setting: a board that boots again and again looks ahead no further
        /// than it lives.
        /// </summary>
        private long LookAheadMs()
        {
            long ahead = NowMs > _settings.LookAheadMs / 16 ? NowMs : _settings.LookAheadMs / 16;
            return ahead < _settings.LookAheadMs ? ahead : _settings.LookAheadMs;
        }

        /// <summary>
        /// Gives the files of all epochs up to <paramref name="newestOld"/> new names, in their order, below and up to
        /// <paramref name="newestNew"/>. One that cannot be written again is told as a gap.
        /// </summary>
        public void Rename(uint newestOld, uint newestNew)
        {
            for (int slot = OldestUpTo(newestOld); slot >= 0; slot = OldestUpTo(newestOld))
            {
                SegmentHeader header = _slots[slot];
                uint epoch = newestNew - (newestOld - header.Epoch);
                if (!TryRename(slot, epoch))
                {
                    header.Epoch = epoch;
                    Drop(slot);
                }
            }
        }

        private int OldestUpTo(uint epoch)
        {
            int oldest = -1;
            for (int i = 0; i < _slots.Length; i++)
            {
                // A file that the gateway acknowledges from has no need of another name.
                if (_slots[i] == null || _slots[i].Epoch > epoch || (i == _loaded && _head.First > 0))
                    continue;
                if (oldest < 0 || _slots[i].Order < _slots[oldest].Order)
                    oldest = i;
            }

            return oldest;
        }

        /// <summary>Beside its old self, as a file that grows: a power cut in the middle spoils the copy alone.</summary>
        private bool TryRename(int slot, uint epoch)
        {
            byte[] file = FlashFile.Read(_paths[slot]);
            _loaded = -1;
            _sent = 0;
            if (file == null || !_head.TryLoad(file, _slots[slot]))
                return false;

            for (int i = 0; i < _head.Count; i++)
            {
                for (int b = 0; b < 4; b++)
                    file[_head.At(i).Offset + EpochOffset + b] = (byte)(epoch >> (8 * b));
            }

            _head.Unload();
            SegmentHeader header = _slots[slot];
            header.Epoch = epoch;
            header.BodyCrc = Crc32.Compute(file, SegmentHeader.Bytes, header.BodyBytes);
            WireWriter ends = new WireWriter(SegmentHeader.Bytes);
            header.Write(ends);
            Array.Copy(ends.Buffer, 0, file, 0, SegmentHeader.Bytes);
            Array.Copy(ends.Buffer, 0, file, file.Length - SegmentHeader.Bytes, SegmentHeader.Bytes);
            int free = FreeSlot();
            if (!TryWrite(free, header, file))
                return false;

            _slots[free] = header;
            _slots[slot] = null;
            FlashFile.Delete(_paths[slot]);
            return true;
        }
    }
}
