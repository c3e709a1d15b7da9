using System;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class Outbox
    {
        private readonly Spool _spool;

        /// <summary>Whether nothing waits, in RAM or in flash.</summary>
        public bool IsEmpty
        {
            get { return Count == 0 && (_spool == null || _spool.Files == 0); }
        }

        /// <summary>
        /// Called often, does something seldom: while ACKs come, nothing is ever old enough and the flash is left alone.
        /// Milliseconds until it wants to be called again.
        /// </summary>
        public int StepSpill(int afterMs)
        {
            if (_spool == null || Count == 0)
                return int.MaxValue;

            if (_used > _ring.Length / 4 * 3 || Count > _entries.Length / 4 * 3)
                _spool.TrySpill(this);
            if (Count == 0)
                return int.MaxValue;

            long left = afterMs - (_spool.NowMs - At(0).SealedMs);
            if (left > 0)
                return (int)left;
            SpillAll();
            return afterMs;
        }

        /// <summary>Everything that is in RAM, and the gaps.</summary>
        public void SpillAll()
        {
            if (_spool == null)
                return;

            while (Count > 0 && _spool.TrySpill(this)) { }
            SaveGaps();
        }

        /// <summary>Before an orderly end. What even now finds no room is told as a gap by the next boot.</summary>
        public void SpillForEnd()
        {
            if (_spool == null)
                return;

            _spool.RetryNow();
            SpillAll();
            while (Count > 0)
                DropOldest();
            Gaps.Close();
            SaveGaps();
        }

        /// <summary>
        /// Called before rows with such times are taken into RAM: from then on the flash says what a power cut would lose.
        /// It looks ahead, so that a steady clock costs one small write in every such while.
        /// </summary>
        public void Expect(byte clock, long fromMs, long toMs)
        {
            if (_spool != null && !Gaps.Covers(clock, fromMs, toMs))
                _spool.Reopen(this, clock, fromMs, toMs);
        }

        internal void Widen(OpenGap open)
        {
            for (int i = 0; i < Count; i++)
            {
                if (!At(i).Refused)
                    open.Widen(At(i).Clock, At(i).FromMs, At(i).ToMs);
            }
        }

        public void SaveGaps()
        {
            if (_spool != null)
                _spool.SaveGaps();
        }

        /// <summary>The CATALOG of that hash, or null.</summary>
        public byte[] Catalog(uint hash)
        {
            return _spool == null ? null : _spool.Catalog(hash);
        }

        /// <summary>See <see cref="Spool.UnixOffset"/>.</summary>
        public long UnixOffset(uint epoch, byte clock)
        {
            return _spool == null ? 0 : _spool.UnixOffset(epoch, clock);
        }

        internal void WriteTo(WireWriter writer, OutboxEntry entry)
        {
            int first = _ring.Length - entry.Offset;
            if (first > entry.Length)
                first = entry.Length;
            writer.Bytes(_ring, entry.Offset, first);
            writer.Bytes(_ring, 0, entry.Length - first);
        }

        /// <summary>The oldest messages are in flash now.</summary>
        internal void Spilled(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                if (!At(0).Refused)
                    _counters.RowsSpilled += At(0).Rows;
                RemoveOldest();
            }
        }

        /// <summary>
        /// The gateway knows these epochs from a time before the flash was erased, and would throw their rows away: what
        /// waits gets other names, in RAM, in flash and in the gaps.
        /// </summary>
        public void Rename(uint from, uint to)
        {
            for (int i = 0; i < Count; i++)
            {
                OutboxEntry entry = At(i);
                if (entry.Epoch != from)
                    continue;

                entry.Epoch = to;
                for (int b = 0; b < 4; b++)
                    _ring[(entry.Offset + 1 + b) % _ring.Length] = (byte)(to >> (8 * b));
            }

            Gaps.Rename(from, to);
            if (_spool != null)
                _spool.Rename(from, to);
        }
    }
}
