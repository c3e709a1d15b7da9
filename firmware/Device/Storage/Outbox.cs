using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// Sealed TELEMETRY messages, oldest first, kept until ACK or REFUSED: bytes in one ring, allocated once. What waits for
    /// long, or does not fit, moves on to flash (Outbox.Spill.cs); when that takes no more, the oldest message goes and is
    /// told as a gap: new rows say more about now than old ones.
    /// </summary>
    internal sealed partial class Outbox
    {
        private readonly byte[] _ring;
        private readonly OutboxEntry[] _entries;
        private readonly Counters _counters;
        private int _head;
        private int _used;
        private int _writeAt;

        /// <summary>In RAM alone.</summary>
        public Outbox(int bytes, int messages, Counters counters)
            : this(bytes, messages, counters, null) { }

        public Outbox(int bytes, int messages, Counters counters, Spool spool)
        {
            _spool = spool;
            _ring = new byte[bytes];
            _entries = new OutboxEntry[messages];
            for (int i = 0; i < messages; i++)
                _entries[i] = new OutboxEntry();
            _counters = counters;
            Gaps = spool == null ? new GapLedger() : spool.Gaps;
        }

        public GapLedger Gaps { get; private set; }

        /// <summary>With the flash's knowledge of the times that were given; null in RAM alone.</summary>
        public RowClock RowClock
        {
            get { return _spool == null ? null : _spool.RowClock; }
        }

        /// <summary>Messages in RAM.</summary>
        public int Count { get; private set; }

        /// <summary>How many messages, from the oldest in RAM, went out on the present link.</summary>
        public int SentOnLink { get; private set; }

        public OutboxEntry At(int index)
        {
            return _entries[(_head + index) % _entries.Length];
        }

        public void Append(WireWriter message, uint epoch, uint sequence, byte clock, long fromMs, long toMs, int rows)
        {
            while (Count == _entries.Length || (Count > 0 && _used + message.Length > _ring.Length))
            {
                if (_spool == null || !_spool.TrySpill(this))
                    DropOldest();
            }

            OutboxEntry entry = At(Count);
            entry.Epoch = epoch;
            entry.Sequence = sequence;
            entry.Clock = clock;
            entry.FromMs = fromMs;
            entry.ToMs = toMs;
            entry.Rows = rows;
            entry.Refused = false;
            entry.SealedMs = _spool == null ? 0 : _spool.NowMs;
            entry.CatalogHash = _spool == null ? 0 : _spool.CatalogHash;
            if (message.Length > _ring.Length)
            {
                Drop(entry);
                return;
            }

            entry.Offset = _writeAt;
            entry.Length = message.Length;
            CopyIn(message.Buffer, message.Length);
            Count++;
        }

        /// <summary>
        /// The next message for this link as bytes of its own: the stock socket masks what it is given in place, and
        /// these bytes are needed again until they are acknowledged.
        /// </summary>
        public byte[] TakeNextToSend(out OutboxEntry entry)
        {
            entry = null;
            if (_spool != null && _spool.Files > 0)
            {
                byte[] spilled = _spool.TakeNextToSend(out entry);
                // The younger ones wait until all of the older are durable.
                if (spilled != null || _spool.Files > 0)
                    return spilled;
            }

            while (SentOnLink < Count)
            {
                entry = At(SentOnLink++);
                if (entry.Refused)
                    continue;

                byte[] copy = new byte[entry.Length];
                int first = _ring.Length - entry.Offset;
                if (first > entry.Length)
                    first = entry.Length;
                Array.Copy(_ring, entry.Offset, copy, 0, first);
                Array.Copy(_ring, 0, copy, first, entry.Length - first);
                if (_spool != null)
                    _spool.ToUnix(copy, entry);
                return copy;
            }

            return null;
        }

        public int InFlight()
        {
            int inFlight = _spool == null ? 0 : _spool.InFlight();
            for (int i = 0; i < SentOnLink; i++)
            {
                if (!At(i).Refused)
                    inFlight++;
            }

            return inFlight;
        }

        public bool HasUnsent
        {
            get { return _spool != null && _spool.Files > 0 ? _spool.HasUnsent : SentOnLink < Count; }
        }

        /// <summary>Cumulative: everything of this epoch up to the sequence is on the gateway's disk.</summary>
        public bool Acknowledge(uint epoch, uint sequence)
        {
            bool any = _spool != null && _spool.Acknowledge(epoch, sequence);
            while (Count > 0)
            {
                OutboxEntry oldest = At(0);
                bool durable = oldest.Epoch == epoch && oldest.Sequence <= sequence;
                if (!durable && !oldest.Refused)
                    break;
                if (durable && !oldest.Refused)
                    _counters.RowsAcknowledged += oldest.Rows;
                RemoveOldest();
                any = true;
            }

            return any;
        }

        public bool Refuse(uint epoch, uint sequence)
        {
            if (_spool != null && _spool.Refuse(epoch, sequence))
                return true;

            for (int i = 0; i < Count; i++)
            {
                OutboxEntry entry = At(i);
                if (entry.Epoch != epoch || entry.Sequence != sequence || entry.Refused)
                    continue;

                entry.Refused = true;
                _counters.MessagesRefused++;
                _counters.RowsRefused += entry.Rows;
                while (Count > 0 && At(0).Refused)
                    RemoveOldest();
                return true;
            }

            return false;
        }

        public void LinkLost()
        {
            SentOnLink = 0;
            if (_spool != null)
                _spool.LinkLost();
            Gaps.LinkLost();
        }

        private void DropOldest()
        {
            // A message in flight may go too. Should its ACK still come, the gap was told for nothing: the other way
            // round, rows would be missing that nobody told of.
            if (!At(0).Refused)
                Drop(At(0));
            RemoveOldest();
        }

        private void Drop(OutboxEntry entry)
        {
            Gaps.Add(entry);
            _counters.RowsDropped += entry.Rows;
        }

        private void RemoveOldest()
        {
            _used -= At(0).Length;
            _head = (_head + 1) % _entries.Length;
            Count--;
            if (SentOnLink > 0)
                SentOnLink--;
        }

        private void CopyIn(byte[] bytes, int length)
        {
            int first = _ring.Length - _writeAt;
            if (first > length)
                first = length;
            Array.Copy(bytes, 0, _ring, _writeAt, first);
            Array.Copy(bytes, first, _ring, 0, length - first);
            _writeAt = (_writeAt + length) % _ring.Length;
            _used += length;
        }
    }
}
