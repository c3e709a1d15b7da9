using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Storage
{
    /// <summary>
    /// The rows of all sensors since the last seal. Sealing gives them their epoch and sequence, and with these their
    /// bytes for ever.
    /// </summary>
    internal sealed class Batch
    {
        private readonly SensorRows[] _sensors;
        private readonly Outbox _outbox;
        private readonly WireWriter _scratch;
        private readonly IBoard _board;
        private readonly uint _epoch;

        public Batch(IBoard board, int rowsPerSensor, uint epoch, Outbox outbox, WireWriter scratch)
        {
            _board = board;
            _epoch = epoch;
            _outbox = outbox;
            _scratch = scratch;
            _sensors = new SensorRows[board.Sensors.Length];
            for (int i = 0; i < _sensors.Length; i++)
                _sensors[i] = new SensorRows((byte)i, board.Sensors[i], rowsPerSensor);
            RowClock = outbox.RowClock == null ? new RowClock(board.Clock, new RowLanes()) : outbox.RowClock;
        }

        /// <summary>One clock per batch: the message carries the flag once.</summary>
        public byte Clock { get; private set; }

        /// <summary>Who gives its rows their times.</summary>
        public RowClock RowClock { get; private set; }

        public int Rows { get; private set; }

        public long FirstMs { get; private set; }

        public long LastMs { get; private set; }

        /// <summary>The last sequence given out in this epoch; 0 before the first.</summary>
        public uint LastSequence { get; private set; }

        /// <summary>
        /// Called before a row of that time is added, and before the rows here move by <paramref name="byMs"/>: a power cut
        /// from here on is told with their times.
        /// </summary>
        public void Expect(byte clock, long timeMs, long byMs)
        {
            long fromMs = Rows > 0 && FirstMs + byMs < timeMs ? FirstMs + byMs : timeMs;
            long toMs = Rows > 0 && LastMs + byMs > timeMs ? LastMs + byMs : timeMs;
            _outbox.Expect(clock, fromMs, toMs);
        }

        public void Add(int sensor, byte clock, long timeMs, long[] values, bool[] present)
        {
            Clock = clock;
            if (Rows == 0)
                FirstMs = timeMs;
            LastMs = timeMs;
            Rows++;
            _sensors[sensor].Add(timeMs, values, present);
        }

        /// <summary>The clock was set while rows since boot wait: the device alone knows both, so it translates them.</summary>
        public void ToUnix(long unixMsAtBoot)
        {
            for (int i = 0; i < _sensors.Length; i++)
                _sensors[i].ShiftTimes(unixMsAtBoot);
            FirstMs += unixMsAtBoot;
            LastMs += unixMsAtBoot;
            Clock = ClockFlag.Unix;
        }

        /// <summary>The power has gone, and with it the rows that had no message yet: sequence 0.</summary>
        public void TellUnsealed()
        {
            for (int i = 0; i < _sensors.Length && _board.RowsSealed != null; i++)
                _board.RowsSealed(_sensors[i], 0, _sensors[i].Count, Clock, _epoch, 0);
        }

        /// <summary>
        /// Into one message where it fits, else into as many as it takes, each with an equal share of every sensor's rows.
        /// </summary>
        public void Seal()
        {
            int parts = 1;
            int part = 0;
            while (Rows > 0 && part < parts)
            {
                if (TryWrite(part, parts))
                {
                    if (_scratch.Length > 0)
                        Append(part, parts);
                    part++;
                }
                else
                {
                    // Nothing of this split is out yet, or its neighbours fitted: halve what is left the same way.
                    part *= 2;
                    parts *= 2;
                }
            }

            for (int i = 0; i < _sensors.Length; i++)
                _sensors[i].Clear();
            Rows = 0;
        }

        private bool TryWrite(int part, int parts)
        {
            long baseMs = long.MaxValue;
            int blocks = 0;
            long readings = 0;
            for (int i = 0; i < _sensors.Length; i++)
            {
                int from = From(i, part, parts);
                int count = From(i, part + 1, parts) - from;
                if (count == 0)
                    continue;
                blocks++;
                readings += (long)count * _sensors[i].Values.Length;
                if (_sensors[i].Times[from] < baseMs)
                    baseMs = _sensors[i].Times[from];
            }

            _scratch.Clear();
            if (blocks == 0)
                return true;
            if (readings > ProtocolLimits.ReadingsPerMessage)
                return false;

            DeviceMessages.TelemetryHead(_scratch, _epoch, LastSequence + 1, Clock, baseMs, blocks);
            for (int i = 0; i < _sensors.Length; i++)
            {
                int from = From(i, part, parts);
                int count = From(i, part + 1, parts) - from;
                if (count > 0)
                    BlockWriter.Write(_scratch, _sensors[i], from, count, baseMs);
            }

            return !_scratch.Overflowed;
        }

        private void Append(int part, int parts)
        {
            LastSequence++;
            long fromMs = long.MaxValue;
            long toMs = long.MinValue;
            int rows = 0;
            for (int i = 0; i < _sensors.Length; i++)
            {
                int from = From(i, part, parts);
                int to = From(i, part + 1, parts);
                if (from == to)
                    continue;
                rows += to - from;
                if (_sensors[i].Times[from] < fromMs)
                    fromMs = _sensors[i].Times[from];
                if (_sensors[i].Times[to - 1] > toMs)
                    toMs = _sensors[i].Times[to - 1];
                if (_board.RowsSealed != null)
                    _board.RowsSealed(_sensors[i], from, to - from, Clock, _epoch, LastSequence);
            }

            _outbox.Append(_scratch, _epoch, LastSequence, Clock, fromMs, toMs, rows);
        }

        private int From(int sensor, int part, int parts)
        {
            return (int)((long)_sensors[sensor].Count * part / parts);
        }
    }
}
