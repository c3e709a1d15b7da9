using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// Which times rows were given, by this boot and by those before it. A time falls into one of ten lanes by its last digit
    /// in milliseconds, and of each lane the flash knows up to when times were handed out. Who keeps above that gives no
    /// time a second time, whatever clocks did, and needs no list of what was given.
    /// </summary>
    internal sealed class RowLanes
    {
        public const int Count = 10;

        /// <summary>For each lane u32, Unix seconds, rounded up.</summary>
        public const int Bytes = 4 * Count;

        private readonly long[] _highMs = new long[Count];
        private readonly long[] _plannedMs = new long[Count];
        private readonly long[] _savedMs = new long[Count];
        private int _current;

        /// <summary>Whether the flash knows of every time that was handed out.</summary>
        public bool AreSaved
        {
            get
            {
                for (int i = 0; i < Count; i++)
                {
                    if (_highMs[i] > _savedMs[i])
                        return false;
                }

                return true;
            }
        }

        /// <summary>Whether there is anything to know.</summary>
        public bool AreUsed
        {
            get
            {
                for (int i = 0; i < Count; i++)
                {
                    if (_highMs[i] != 0)
                        return true;
                }

                return false;
            }
        }

        public long HighMs(int lane)
        {
            return _highMs[lane];
        }

        /// <summary>
        /// A lane in which that time is free: the one that was used up to shortly before, so that those used up to long ago
        /// are there for a clock that goes back far. Where none is free, the one that is free again first.
        /// </summary>
        public int Pick(long timeMs)
        {
            int free = -1;
            int lowest = 0;
            for (int i = 0; i < Count; i++)
            {
                if (_highMs[i] < _highMs[lowest])
                    lowest = i;
                if (_highMs[i] < timeMs - Count && (free < 0 || _highMs[i] > _highMs[free]))
                    free = i;
            }

            _current = free < 0 ? lowest : free;
            return _current;
        }

        /// <summary>Times up to this one are handed out.</summary>
        public void Raise(int lane, long timeMs)
        {
            if (timeMs > _highMs[lane])
                _highMs[lane] = timeMs;
        }

        /// <summary>What is to be saved: all that is handed out, and in the lane in use what comes in the next while.</summary>
        public void Plan(long aheadMs)
        {
            for (int i = 0; i < Count; i++)
                _plannedMs[i] = _highMs[i] + (i == _current && _highMs[i] > 0 ? aheadMs : 0);
        }

        public void Write(WireWriter writer)
        {
            for (int i = 0; i < Count; i++)
                writer.U32((uint)SecondsOf(_plannedMs[i]));
        }

        /// <summary>What was written is in flash.</summary>
        public void Saved()
        {
            for (int i = 0; i < Count; i++)
                _savedMs[i] = SecondsOf(_plannedMs[i]) * 1000;
        }

        public void Read(WireReader reader)
        {
            for (int i = 0; i < Count; i++)
            {
                _savedMs[i] = reader.U32() * 1000L;
                _plannedMs[i] = _savedMs[i];
                _highMs[i] = _savedMs[i];
            }
        }

        private static long SecondsOf(long timeMs)
        {
            long seconds = (timeMs + 999) / 1000;
            return seconds < uint.MaxValue ? seconds : uint.MaxValue;
        }
    }
}
