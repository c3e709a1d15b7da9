using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// Gives rows their times, so that no two rows of a device bear the same one: a database keeps one row per sensor and
    /// time. Where the wall clock steps back, in a boot or over boots, times come a second time; so rows keep to one of ten
    /// lanes, a millisecond apart (<see cref="RowLanes"/>), and go on in one where the time is free. It costs at most 10 ms
    /// of truth, which is less than sensors take to answer. Only where all ten were used beyond a time, which takes ten
    /// steps back below each other, rows are put behind the earliest of them, until the clock has come there.
    /// </summary>
    internal sealed class RowClock
    {
        private const int Step = RowLanes.Count;

        // The two clocks tick apart: within this much the old offset stays, so that even spacing stays even.
        private const long ToleranceMs = 20;

        // A leap may have come where an earlier one went: there, the lane of then is the one to go on with.
        private const long LeapMs = 60000;

        private readonly IClock _clock;
        private readonly RowLanes _lanes;
        private int _lane;
        private long _lastMs = -1;
        private long _offsetMs;

        public RowClock(IClock clock, RowLanes lanes)
        {
            _clock = clock;
            _lanes = lanes;
        }

        /// <summary>How the times of now are to be read (<see cref="ClockFlag"/>).</summary>
        public byte Flag { get; private set; }

        /// <summary>
        /// What turns this boot's rows since boot into Unix time; 0 while nobody knows. Fixed once known: a row that goes out
        /// twice bears the same time twice.
        /// </summary>
        public long UnixMsAtBoot { get; private set; }

        /// <summary>Whether the wall clock has just become known. Rows since boot have their places on it from here on.</summary>
        public bool Learn()
        {
            if (UnixMsAtBoot != 0 || !_clock.IsSet)
                return false;

            _offsetMs = _clock.UnixMs() - _clock.SinceBootMs();
            _lane = _lanes.Pick(_offsetMs);
            long from = _lanes.HighMs(_lane) < _offsetMs - Step ? _offsetMs : _lanes.HighMs(_lane) + Step;
            // Times since boot are whole steps: all of them fall into this lane.
            UnixMsAtBoot = InLane(from);
            if (_lastMs >= 0)
                _lanes.Raise(_lane, UnixMsAtBoot + _lastMs);
            return true;
        }

        /// <summary>Whether times are Unix time from now on; then rows since boot move by <paramref name="byMs"/>.</summary>
        public bool Follow(out long byMs)
        {
            Learn();
            byMs = 0;
            if (UnixMsAtBoot == 0)
                return false;

            // A clock that fell back to 1970 is not believed: what it said before still holds, counted on since boot.
            if (_clock.IsSet)
            {
                long offset = _clock.UnixMs() - _clock.SinceBootMs();
                if (offset - _offsetMs > ToleranceMs || _offsetMs - offset > ToleranceMs)
                    _offsetMs = offset;
            }

            if (Flag == ClockFlag.Unix)
                return false;

            Flag = ClockFlag.Unix;
            byMs = UnixMsAtBoot;
            if (_lastMs >= 0)
                _lastMs += UnixMsAtBoot;
            return true;
        }

        public long Stamp(long sinceBootMs)
        {
            _lastMs = Flag == ClockFlag.SinceBoot ? SinceBoot(sinceBootMs) : OnWallClock(sinceBootMs + _offsetMs);
            return _lastMs;
        }

        private long SinceBoot(long sinceBootMs)
        {
            long time = sinceBootMs - sinceBootMs % Step;
            return time > _lastMs ? time : _lastMs + Step;
        }

        private long OnWallClock(long wantedMs)
        {
            // A read-now beside a due row is one step ahead of its time; anything more is a clock that stepped.
            if (wantedMs <= _lanes.HighMs(_lane) - Step || wantedMs - _lastMs > LeapMs)
                _lane = _lanes.Pick(wantedMs);
            long time = InLane(wantedMs);
            if (time <= _lanes.HighMs(_lane))
                time = InLane(_lanes.HighMs(_lane) + Step);
            _lanes.Raise(_lane, time);
            return time;
        }

        private long InLane(long time)
        {
            return time - (time - _lane) % Step;
        }
    }
}
