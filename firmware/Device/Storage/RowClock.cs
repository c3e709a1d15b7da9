using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// Gives rows their times, so that no two rows of a boot bear the same one: a database keeps one row per sensor and
    /// time. Where the wall clock steps back, times that were given out come a second time; so times keep to lanes, ten of
    /// them a millisecond apart, and every step back moves on to the next lane. It costs at most 10 ms of truth, which is
    /// less than sensors take to answer. After ten steps back in one boot a lane comes again; neighbouring boots start in
    /// different lanes, which makes a clash between them unlikely, not impossible.
    /// </summary>
    internal sealed class RowClock
    {
        private const int Lanes = 10;

        // The two clocks tick apart: within this much the old offset stays, so that even spacing stays even.
        private const long ToleranceMs = 20;

        private readonly IClock _clock;
        private long _lane;
        private long _lastMs = -1;
        private long _unixMsAtBoot;

        public RowClock(IClock clock, uint epoch)
        {
            _clock = clock;
            _lane = epoch % Lanes;
        }

        /// <summary>How the times of now are to be read (<see cref="ClockFlag"/>).</summary>
        public byte Flag { get; private set; }

        /// <summary>Whether the wall clock has just become known; then rows since boot move by <paramref name="byMs"/>.</summary>
        public bool Follow(out long byMs)
        {
            byMs = 0;
            // A clock that fell back to 1970 is not believed: what it said before still holds, counted on since boot.
            if (!_clock.IsSet)
                return false;

            long unixMsAtBoot = _clock.UnixMs() - _clock.SinceBootMs();
            long drift = unixMsAtBoot - _unixMsAtBoot;
            if (drift > ToleranceMs || drift < -ToleranceMs)
                _unixMsAtBoot = unixMsAtBoot;
            if (Flag == ClockFlag.Unix)
                return false;

            Flag = ClockFlag.Unix;
            byMs = unixMsAtBoot;
            if (_lastMs >= 0)
                _lastMs += unixMsAtBoot;
            return true;
        }

        public long Stamp(long sinceBootMs)
        {
            if (Flag == ClockFlag.SinceBoot)
            {
                _lastMs = sinceBootMs > _lastMs ? sinceBootMs : _lastMs + 1;
                return _lastMs;
            }

            long time = InLane(sinceBootMs + _unixMsAtBoot);
            if (time <= _lastMs - Lanes)
            {
                _lane = (_lane + 1) % Lanes;
                time = InLane(sinceBootMs + _unixMsAtBoot);
            }
            else if (time <= _lastMs)
            {
                time = InLane(_lastMs + Lanes);
            }

            _lastMs = time;
            return time;
        }

        private long InLane(long time)
        {
            return time - (time - _lane) % Lanes;
        }
    }
}
