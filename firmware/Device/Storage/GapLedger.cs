namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The gaps that were not delivered yet. A handful suffices: rows are merged per epoch and clock, and a gap is only
    /// frozen while it is on its way.
    /// </summary>
    internal sealed partial class GapLedger
    {
        private readonly Gap[] _gaps = new Gap[16];

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
                if (_gaps[i].Rows > 0 && _gaps[i].Takes(entry))
                {
                    _gaps[i].Add(entry);
                    return;
                }
            }

            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].Rows == 0)
                {
                    _gaps[i].Add(entry);
                    return;
                }
            }

            // Full, which takes sixteen gaps undelivered: better a count under a neighbour's epoch than none at all.
            _gaps[_gaps.Length - 1].Rows += entry.Rows;
        }

        /// <summary>The next gap to tell on this link, or null.</summary>
        public Gap Unsent()
        {
            for (int i = 0; i < _gaps.Length; i++)
            {
                if (_gaps[i].Rows > 0 && !_gaps[i].Sent)
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
