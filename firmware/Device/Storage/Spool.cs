using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// Messages in flash, in files that are written whole: all of them older than what the outbox has in RAM, so they are
    /// sent first. Bounded in number and size; when full, the oldest file goes and is told as a gap. What is acknowledged
    /// within a file is only forgotten with the whole of it: a reboot in between sends the rest of the file twice, which the
    /// gateway expects. Writing is in Spool.Write.cs, sending in Spool.Send.cs, what a power
    /// cut or an erased flash does to them in Spool.Open.cs.
    /// </summary>
    internal sealed partial class Spool
    {
        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly CatalogShelf _shelf = new CatalogShelf();
        private readonly uint _epoch;
        private readonly int _segmentBytes;

        // One more place than files are kept: a file that grows is written beside its old self.
        private readonly string[] _paths;
        private readonly SegmentHeader[] _slots;
        private readonly Segment _head = new Segment();
        private readonly OutboxEntry _lost = new OutboxEntry();
        private byte[] _catalog;
        private uint _catalogHash;
        private int _loaded = -1;
        private uint _order;

        public Spool(IBoard board, Counters counters, DeviceSettings settings, uint epoch)
        {
            _board = board;
            _counters = counters;
            _epoch = epoch;
            _segmentBytes = settings.SpillFileBytes;
            _settings = settings;
            _paths = new string[settings.SpillFiles + 1];
            _slots = new SegmentHeader[settings.SpillFiles + 1];
            for (int i = 0; i < _paths.Length; i++)
                _paths[i] = @"I:\spill" + i;
            Gaps = new GapLedger();
            Gaps.Restore();
            RowClock = new RowClock(board.Clock, Gaps.Lanes);
            Scan();
        }

        public GapLedger Gaps { get; private set; }

        /// <summary>Who gives rows their times.</summary>
        public RowClock RowClock { get; private set; }

        /// <summary>Files in use.</summary>
        public int Files { get; private set; }

        public long NowMs
        {
            get { return _board.Clock.SinceBootMs(); }
        }

        /// <summary>The catalog of what is spilled from now on. It names the commands, which exist later than the spool.</summary>
        public void Describe(DeviceIdentity identity)
        {
            _catalog = identity.Catalog;
            _catalogHash = identity.CatalogHash;
        }

        /// <summary>What the last boots left. Damaged files are told as gaps now, by what their headers still say.</summary>
        private void Scan()
        {
            SegmentHeader[] damaged = new SegmentHeader[_slots.Length];
            for (int i = 0; i < _slots.Length; i++)
            {
                byte[] file = FlashFile.Read(_paths[i]);
                if (file == null)
                    continue;

                SegmentHeader header = new SegmentHeader();
                bool known = header.TryRead(file, 0) || header.TryRead(file, file.Length - SegmentHeader.Bytes);
                if (known && header.Order >= _order)
                    _order = header.Order + 1;
                if (known && header.BodyIsWhole(file))
                    Take(i, header);
                else
                    damaged[i] = Damaged(i, known ? header : null);
            }

            DropSuperseded();
            for (int i = 0; i < damaged.Length; i++)
            {
                if (damaged[i] != null)
                    TellLost(damaged[i], RowsStillHeld(damaged[i]));
            }

            _counters.RowsInFlashAtBoot += _counters.RowsInFlash;
            if (!Gaps.TrySave(_board, _counters))
                return;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] == null)
                    FlashFile.Delete(_paths[i]);
            }
        }

        private SegmentHeader Damaged(int slot, SegmentHeader header)
        {
            _counters.SpillFilesDamaged++;
            _board.Log(
                "spill: "
                    + _paths[slot]
                    + " is damaged; rows lost with it: "
                    + (header == null ? "unknown" : "" + header.Rows)
            );
            return header;
        }

        /// <summary>A file that grew, and its old self that the power cut spared: the younger one holds both.</summary>
        private void DropSuperseded()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                for (int k = 0; k < _slots.Length && _slots[i] != null; k++)
                {
                    if (_slots[k] != null && SameStart(_slots[i], _slots[k]) && _slots[i].Order < _slots[k].Order)
                        Release(i);
                }
            }
        }

        private int RowsStillHeld(SegmentHeader damaged)
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] != null && SameStart(_slots[i], damaged))
                    return _slots[i].Rows;
            }

            return 0;
        }

        private static bool SameStart(SegmentHeader a, SegmentHeader b)
        {
            return a.Epoch == b.Epoch && a.FirstSequence == b.FirstSequence;
        }

        private void Take(int slot, SegmentHeader header)
        {
            _slots[slot] = header;
            Files++;
            _counters.RowsInFlash += header.Rows;
        }

        /// <summary>The rows that this file still counts for are gone from it, delivered or not.</summary>
        private void Release(int slot)
        {
            _counters.RowsInFlash -= _slots[slot].Rows;
            if (slot == _loaded)
            {
                for (int i = 0; i < _head.First; i++)
                    _counters.RowsInFlash += _head.At(i).Rows;
                _head.Unload();
                _loaded = -1;
                _sent = 0;
            }

            _slots[slot] = null;
            Files--;
        }

        private void TellLost(SegmentHeader header, int rowsHeldElsewhere)
        {
            header.Describe(_lost);
            _lost.Rows -= rowsHeldElsewhere;
            if (_lost.Rows <= 0)
                return;
            Gaps.Add(_lost);
            // Counted as found in flash and dropped from there, so that the sums hold over a boot.
            _counters.RowsInFlashAtBoot += _lost.Rows;
            _counters.RowsDropped += _lost.Rows;
        }

        /// <summary>What is in this file and not delivered is told as a gap; then the file goes.</summary>
        private void Drop(int slot)
        {
            _slots[slot].Describe(_lost);
            if (slot == _loaded)
            {
                for (int i = 0; i < _head.First; i++)
                    _lost.Rows -= _head.At(i).Rows;
            }

            Gaps.Add(_lost);
            _counters.RowsDropped += _lost.Rows;
            if (slot == _loaded || slot == Oldest())
                _sent = 0;
            Release(slot);
            if (Gaps.TrySave(_board, _counters))
                FlashFile.Delete(_paths[slot]);
        }

        private int Oldest()
        {
            int oldest = -1;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] != null && (oldest < 0 || _slots[i].Order < _slots[oldest].Order))
                    oldest = i;
            }

            return oldest;
        }

        private int Newest()
        {
            int newest = -1;
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] != null && (newest < 0 || _slots[i].Order > _slots[newest].Order))
                    newest = i;
            }

            return newest;
        }

        private int FreeSlot()
        {
            for (int i = 0; i < _slots.Length; i++)
            {
                if (_slots[i] == null)
                    return i;
            }

            throw new InvalidOperationException("there is one more place than files are kept");
        }
    }
}
