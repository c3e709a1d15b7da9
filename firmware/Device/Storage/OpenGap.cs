using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The gap that a power cut would tear, in flash before it is torn: every row that is in RAM alone bears a time within
    /// these ranges, one for each clock. Whoever boots and finds it here knows which rows the last boot can have lost; an
    /// orderly end takes it away.
    /// </summary>
    internal sealed class OpenGap
    {
        // u32 epoch, u64 Unix time at boot, and for each clock u64 from and u64 to.
        public const int Bytes = 44;

        private readonly long[] _fromMs = new long[2];
        private readonly long[] _toMs = new long[2];

        /// <summary>0: nothing is open.</summary>
        public uint Epoch { get; private set; }

        /// <summary>What turned since-boot times of that boot into Unix time; 0 while that was not known.</summary>
        public long UnixMsAtBoot { get; private set; }

        public long FromMs(byte clock)
        {
            return _fromMs[clock];
        }

        public long ToMs(byte clock)
        {
            return _toMs[clock];
        }

        /// <summary>A range of one clock is open where it has an end: no row has the time 0 alone.</summary>
        public bool Has(byte clock)
        {
            return Epoch != 0 && _toMs[clock] > 0;
        }

        public bool Covers(byte clock, long fromMs, long toMs)
        {
            return Has(clock) && _fromMs[clock] <= fromMs && toMs <= _toMs[clock];
        }

        public void Begin(uint epoch, long unixMsAtBoot)
        {
            Clear();
            Epoch = epoch;
            UnixMsAtBoot = unixMsAtBoot;
        }

        public void Widen(byte clock, long fromMs, long toMs)
        {
            if (!Has(clock) || fromMs < _fromMs[clock])
                _fromMs[clock] = fromMs;
            if (toMs > _toMs[clock])
                _toMs[clock] = toMs;
        }

        public void Clear()
        {
            Epoch = 0;
            UnixMsAtBoot = 0;
            for (int i = 0; i < 2; i++)
            {
                _fromMs[i] = 0;
                _toMs[i] = 0;
            }
        }

        public void CopyFrom(OpenGap other)
        {
            Epoch = other.Epoch;
            UnixMsAtBoot = other.UnixMsAtBoot;
            for (int i = 0; i < 2; i++)
            {
                _fromMs[i] = other._fromMs[i];
                _toMs[i] = other._toMs[i];
            }
        }

        public void Write(WireWriter writer)
        {
            writer.U32(Epoch);
            writer.U64((ulong)UnixMsAtBoot);
            for (int i = 0; i < 2; i++)
            {
                writer.U64((ulong)_fromMs[i]);
                writer.U64((ulong)_toMs[i]);
            }
        }

        public void Read(WireReader reader)
        {
            Epoch = reader.U32();
            UnixMsAtBoot = (long)reader.U64();
            for (int i = 0; i < 2; i++)
            {
                _fromMs[i] = (long)reader.U64();
                _toMs[i] = (long)reader.U64();
            }
        }
    }
}
