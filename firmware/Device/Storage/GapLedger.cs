using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The gaps that were not delivered yet. A handful suffices: rows are merged per epoch and clock, and a gap is only
    /// frozen while it is on its way. When all places but two are taken, one of these for each clock takes in all further
    /// rows, under the epoch that came there first: its range and its count still say of each row that it is lost.
    /// </summary>
    internal sealed partial class GapLedger
    {
        private const int Places = 16;
        private const int Own = Places - 2;

        private readonly Gap[] _gaps = new Gap[Places];

        public GapLedger()
        {
            for (int i = 0; i < _gaps.Length; i++)
                _gaps[i] = new Gap();
        }

        public void Add(OutboxEntry entry)
        {
            Changed = true;
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].InUse && _gaps[i].Takes(entry))
                {
                    _gaps[i].Add(entry);
                    return;
                }
            }

            Free(entry.Clock).Add(entry);
        }

        /// <summary>Before the flash was erased the gateway knew another boot by this epoch.</summary>
        public void Rename(uint newestOld, uint newestNew)
        {
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (!_gaps[i].InUse || _gaps[i].Epoch > newestOld)
                    continue;
                _gaps[i].Epoch = newestNew - (newestOld - _gaps[i].Epoch);
                Changed = true;
            }
        }

        /// <summary>A boot that had no orderly end: what was open is a gap now.</summary>
        private void Tear(OpenGap open)
        {
            for (byte clock = 0; clock < 2; clock++)
            {
                if (!open.Has(clock))
                    continue;

                // The gateway may never have heard of that boot, so its times go on the wall clock where it had one.
                bool translates = clock == ClockFlag.SinceBoot && open.UnixMsAtBoot != 0;
                long offset = translates ? open.UnixMsAtBoot : 0;
                byte told = translates ? ClockFlag.Unix : clock;
                Free(told).Tear(open.Epoch, told, open.FromMs(clock) + offset, open.ToMs(clock) + offset);
            }

            open.Clear();
            Changed = true;
        }

        /// <summary>A place of its own, or the one that is shared. What was told from there is told anew, with what came to it.</summary>
        private Gap Free(byte clock)
        {
            for (int i = 0; i < Own; i++)
            {
                if (!_gaps[i].InUse)
                    return _gaps[i];
            }

            Gap shared = _gaps[Own + clock];
            shared.Sent = false;
            shared.DeliveredWith = 0;
            return shared;
        }

        /// <summary>The next gap to tell on this link, or null.</summary>
        public Gap Unsent()
        {
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].InUse && !_gaps[i].Sent)
                    return _gaps[i];
            }

            return null;
        }

        public void TelemetrySent(uint sequence)
        {
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].Sent && _gaps[i].DeliveredWith == 0)
                    _gaps[i].DeliveredWith = sequence;
            }
        }

        /// <summary>Whether that delivered a gap.</summary>
        public bool Acknowledged(uint sequence)
        {
            bool any = false;
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].DeliveredWith != 0 && _gaps[i].DeliveredWith <= sequence)
                {
                    _gaps[i].Clear();
                    Changed = true;
                    any = true;
                }
            }

            return any;
        }

        /// <summary>The link is gone, and what it carried unacknowledged with it.</summary>
        public void LinkLost()
        {
            for (int i = 0; i < _gaps.Length; i++)
            {
                _gaps[i].Sent = false;
                _gaps[i].DeliveredWith = 0;
            }
        }
    }
}
