using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class Spool
    {
        // Where TELEMETRY has its clock and its base time (PROTOCOL.md, TELEMETRY).
        private const int ClockOffset = 9;
        private const int BaseOffset = 10;

        /// <summary>How many messages, from the start of the oldest file, went out on the present link or before it.</summary>
        private int _sent;

        public uint CatalogHash
        {
            get { return _catalogHash; }
        }

        public bool HasUnsent
        {
            get { return Files > 0 && (_loaded < 0 ? _sent < _slots[Oldest()].Messages : _sent < _head.Count); }
        }

        public int InFlight()
        {
            if (_loaded < 0)
                return _sent;

            int inFlight = 0;
            for (int i = _head.First; i < _sent; i++)
                inFlight += _head.At(i).Refused ? 0 : 1;
            return inFlight;
        }

        /// <summary>The next message of the oldest file; null while that file waits for its ACKs, or when none is left.</summary>
        public byte[] TakeNextToSend(out OutboxEntry entry)
        {
            entry = null;
            while (Files > 0 && LoadOldest())
            {
                if (_sent < _head.First)
                    _sent = _head.First;
                while (_sent < _head.Count)
                {
                    int at = _sent++;
                    if (_head.At(at).Refused)
                        continue;
                    entry = _head.At(at);
                    byte[] message = _head.Copy(at);
                    ToUnix(message, entry);
                    return message;
                }

                return null;
            }

            return null;
        }

        public byte[] Catalog(uint hash)
        {
            return _shelf.Read(hash);
        }

        /// <summary>Gaps that were delivered, or that RAM alone knew of.</summary>
        public void SaveGaps()
        {
            Gaps.TrySave(_board, _counters);
        }

        public bool Acknowledge(uint epoch, uint sequence)
        {
            bool any = false;
            while (Files > 0)
            {
                SegmentHeader oldest = _slots[Oldest()];
                if (oldest.Epoch != epoch || oldest.FirstSequence > sequence || !LoadOldest())
                    return any;

                int first = _head.First;
                while (_head.First < _head.Count && _head.At(_head.First).Sequence <= sequence)
                    Done(true);
                any |= _head.First > first;
                if (!TryFinish())
                    return any;
            }

            return any;
        }

        public bool Refuse(uint epoch, uint sequence)
        {
            if (
                Files == 0
                || _slots[Oldest()].Epoch != epoch
                || _slots[Oldest()].LastSequence < sequence
                || !LoadOldest()
            )
                return false;

            for (int i = _head.First; i < _head.Count; i++)
            {
                OutboxEntry entry = _head.At(i);
                if (entry.Sequence != sequence || entry.Refused)
                    continue;

                entry.Refused = true;
                _counters.MessagesRefused++;
                _counters.RowsRefused += entry.Rows;
                while (_head.First < _head.Count && _head.At(_head.First).Refused)
                    Done(false);
                TryFinish();
                return true;
            }

            return false;
        }

        public void LinkLost()
        {
            _sent = 0;
        }

        /// <summary>
        /// Rows from before the clock was set, on the wall clock by now: the gateway may never have heard of that boot.
        /// </summary>
        public void ToUnix(byte[] message, OutboxEntry entry)
        {
            long offset = UnixOffset(entry.Epoch, entry.Clock);
            if (offset == 0)
                return;

            long unixMs = entry.FromMs + offset;
            message[ClockOffset] = ClockFlag.Unix;
            for (int i = 0; i < 8; i++)
                message[BaseOffset + i] = (byte)(unixMs >> (8 * i));
        }

        /// <summary>What to add to such a time to make it Unix time; 0 where it is that already, or nobody knows.</summary>
        public long UnixOffset(uint epoch, byte clock)
        {
            if (clock != ClockFlag.SinceBoot)
                return 0;
            return epoch == _epoch ? UnixMsAtBoot() : UnixMsAtBootOf(epoch);
        }

        private bool LoadOldest()
        {
            while (Files > 0)
            {
                int oldest = Oldest();
                if (oldest == _loaded)
                    return true;

                byte[] file = FlashFile.Read(_paths[oldest]);
                bool sendable =
                    _slots[oldest].CatalogHash == _catalogHash || _shelf.Read(_slots[oldest].CatalogHash) != null;
                if (file != null && sendable && _head.TryLoad(file, _slots[oldest]))
                {
                    _loaded = oldest;
                    return true;
                }

                // Damaged since the boot, or its catalog is: nobody could read these rows.
                _head.Unload();
                _loaded = -1;
                Damaged(oldest, _slots[oldest]);
                Drop(oldest);
            }

            return false;
        }

        /// <summary>The first message of the loaded file needs no more sending.</summary>
        private void Done(bool durable)
        {
            OutboxEntry entry = _head.At(_head.First);
            if (durable && !entry.Refused)
                _counters.RowsAcknowledged += entry.Rows;
            _counters.RowsInFlash -= entry.Rows;
            _head.First++;
        }

        private bool TryFinish()
        {
            if (_head.First < _head.Count)
                return false;

            int slot = _loaded;
            Release(slot);
            FlashFile.Delete(_paths[slot]);
            return true;
        }

        /// <summary>Fixed once known: a message that goes out twice bears the same times twice.</summary>
        public long UnixMsAtBoot()
        {
            // Where rows now go is in flash before one of them goes there.
            if (RowClock.Learn())
            {
                Gaps.Placed();
                SaveGaps();
            }

            return RowClock.UnixMsAtBoot;
        }

        private long UnixMsAtBootOf(uint epoch)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] != null && _slots[i].Epoch == epoch && _slots[i].UnixMsAtBoot != 0)
                    return _slots[i].UnixMsAtBoot;
            }

            return 0;
        }
    }
}
