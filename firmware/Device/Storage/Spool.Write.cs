using System;
using System.IO;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    internal sealed partial class Spool
    {
        private const int RetryMs = 30000;

        private long _retryAtMs;

        /// <summary>
        /// Moves the oldest messages of the outbox into flash, as many as one file takes. False when the flash does not take
        /// them; then they are still where they were. Old files are not given up for an error: only for want of places.
        /// </summary>
        public bool TrySpill(Outbox outbox)
        {
            if (outbox.Count == 0 || (_retryAtMs != 0 && NowMs < _retryAtMs))
                return false;

            int grown = Growable(outbox);
            int bytes;
            int messages = Fitting(outbox, grown < 0 ? null : _slots[grown], out bytes);
            if (messages == 0 || !_shelf.Has(_catalogHash) && !TryKeepCatalog())
                return false;

            while (grown < 0 && Files >= _slots.Length - 1)
                Drop(Oldest());
            SegmentHeader header = Describe(outbox, messages, grown);
            byte[] old = grown < 0 ? null : FlashFile.Read(_paths[grown]);
            if (grown >= 0 && (old == null || !_slots[grown].BodyIsWhole(old)))
            {
                Drop(grown);
                return TrySpill(outbox);
            }

            int slot = FreeSlot();
            if (!TryWrite(slot, header, Encode(outbox, messages, header, old, bytes)))
                return false;

            Take(slot, header);
            if (grown >= 0)
            {
                Release(grown);
                FlashFile.Delete(_paths[grown]);
            }
            else if (Files == 1)
            {
                // What is on its way stays on its way, though it comes from flash from now on.
                _sent = outbox.SentOnLink < messages ? outbox.SentOnLink : messages;
            }

            outbox.Spilled(messages);
            return true;
        }

        /// <summary>There will be no later.</summary>
        public void RetryNow()
        {
            _retryAtMs = 0;
        }

        /// <summary>
        /// The newest file, where at least half of what waits fits behind it: else short waits would fill the places with
        /// crumbs, and nearly full files would be written again for next to nothing.
        /// </summary>
        private int Growable(Outbox outbox)
        {
            int newest = Newest();
            if (newest < 0 || newest == _loaded || _sent > 0)
                return -1;

            SegmentHeader header = _slots[newest];
            int bytes;
            bool grows =
                header.Epoch == outbox.At(0).Epoch
                && header.Clock == outbox.At(0).Clock
                && header.CatalogHash == _catalogHash
                && Fitting(outbox, header, out bytes) * 2 >= outbox.Count;
            return grows ? newest : -1;
        }

        /// <summary>How many messages from the oldest go into one file: of one epoch, one clock, and within its size.</summary>
        private int Fitting(Outbox outbox, SegmentHeader before, out int bytes)
        {
            int room = _segmentBytes - 2 * SegmentHeader.Bytes - (before == null ? 0 : before.BodyBytes);
            int most = Segment.MostMessages - (before == null ? 0 : before.Messages);
            bytes = 0;
            int messages = 0;
            while (messages < outbox.Count && messages < most)
            {
                OutboxEntry entry = outbox.At(messages);
                int more = Segment.OverheadBytes(entry) + entry.Length;
                if (entry.Clock != outbox.At(0).Clock || entry.Epoch != outbox.At(0).Epoch || bytes + more > room)
                    break;
                if (!entry.Refused)
                    bytes += more;
                messages++;
            }

            return messages;
        }

        private SegmentHeader Describe(Outbox outbox, int messages, int grown)
        {
            OutboxEntry oldest = outbox.At(0);
            SegmentHeader before = grown < 0 ? null : _slots[grown];
            SegmentHeader header = new SegmentHeader();
            header.Order = _order++;
            header.Epoch = oldest.Epoch;
            header.CatalogHash = _catalogHash;
            header.Clock = oldest.Clock;
            header.UnixMsAtBoot = UnixMsAtBoot();
            header.FirstSequence = before == null ? oldest.Sequence : before.FirstSequence;
            header.FromMs = before == null ? long.MaxValue : before.FromMs;
            header.ToMs = before == null ? long.MinValue : before.ToMs;
            header.Rows = before == null ? 0 : before.Rows;
            header.Messages = before == null ? (ushort)0 : before.Messages;
            for (int i = 0; i < messages; i++)
            {
                OutboxEntry entry = outbox.At(i);
                header.LastSequence = entry.Sequence;
                if (entry.Refused)
                    continue;
                header.FromMs = entry.FromMs < header.FromMs ? entry.FromMs : header.FromMs;
                header.ToMs = entry.ToMs > header.ToMs ? entry.ToMs : header.ToMs;
                header.Rows += entry.Rows;
                header.Messages++;
            }

            return header;
        }

        /// <summary>The file: header, old body, new messages, header.</summary>
        private static byte[] Encode(Outbox outbox, int messages, SegmentHeader header, byte[] old, int bytes)
        {
            int oldBytes = old == null ? 0 : old.Length - 2 * SegmentHeader.Bytes;
            header.BodyBytes = (ushort)(oldBytes + bytes);
            WireWriter file = new WireWriter(header.BodyBytes + 2 * SegmentHeader.Bytes);
            header.Write(file); // for its length; written again once the body's checksum is known
            if (old != null)
                file.Bytes(old, SegmentHeader.Bytes, oldBytes);
            for (int i = 0; i < messages; i++)
            {
                if (outbox.At(i).Refused)
                    continue;
                Segment.WriteHead(file, outbox.At(i));
                outbox.WriteTo(file, outbox.At(i));
            }

            header.BodyCrc = Crc32.Compute(file.Buffer, SegmentHeader.Bytes, header.BodyBytes);
            header.Write(file);
            Array.Copy(file.Buffer, SegmentHeader.Bytes + header.BodyBytes, file.Buffer, 0, SegmentHeader.Bytes);
            return file.Buffer;
        }

        private bool TryWrite(int slot, SegmentHeader header, byte[] file)
        {
            try
            {
                File.WriteAllBytes(_paths[slot], file);
                _counters.SpillFilesWritten++;
                _counters.FlashBytesWritten += file.Length;
                _retryAtMs = 0;
                return true;
            }
            catch (Exception e)
            {
                Failed(e.Message);
                FlashFile.Delete(_paths[slot]);
                return false;
            }
        }

        private bool TryKeepCatalog()
        {
            try
            {
                bool kept = _shelf.Keep(_catalog, _catalogHash);
                if (!kept)
                    _shelf.Tidy(_slots);
                while (!kept && !_shelf.Keep(_catalog, _catalogHash))
                {
                    // Four firmwares, and rows of each still here: the oldest rows make room.
                    Drop(Oldest());
                    _shelf.Tidy(_slots);
                }

                _counters.FlashBytesWritten += _catalog.Length;
                return true;
            }
            catch (Exception e)
            {
                Failed(e.Message);
                return false;
            }
        }

        private void Failed(string why)
        {
            _counters.SpillsFailed++;
            _retryAtMs = NowMs + RetryMs;
            _board.Log("spill: flash refused a file, next try in 30 s: " + why);
        }
    }
}
