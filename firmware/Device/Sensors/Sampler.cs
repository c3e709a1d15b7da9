using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Commands;
using IoTGateway.Device.Storage;

namespace IoTGateway.Device.Sensors
{
    /// <summary>Reads every sensor once per interval and seals the batch when it is full or old enough.</summary>
    internal sealed class Sampler
    {
        // A row read this soon after its due time bears the due time: even spacing costs no bytes on the wire, and
        // 20 ms is far below what the sensors themselves need to settle.
        private const long OnTimeMs = 20;

        private readonly IBoard _board;
        private readonly Batch _batch;
        private readonly DeviceSettings _settings;
        private readonly Counters _counters;
        private readonly long[][] _values;
        private readonly bool[][] _present;
        private readonly bool[] _silent;
        private long _dueMs;
        private long _batchStartMs;
        private int _ticks;
        private readonly RowClock _rowClock;
        private readonly SendOnChange _changes;

        public Sampler(IBoard board, Batch batch, DeviceSettings settings, Counters counters)
            : this(board, batch, settings, counters, new SendOnChange(board.Sensors)) { }

        public Sampler(IBoard board, Batch batch, DeviceSettings settings, Counters counters, SendOnChange changes)
        {
            _changes = changes;
            _rowClock = batch.RowClock;
            _board = board;
            _batch = batch;
            _settings = settings;
            _counters = counters;
            _dueMs = board.Clock.SinceBootMs();
            _values = new long[board.Sensors.Length][];
            _present = new bool[board.Sensors.Length][];
            _silent = new bool[board.Sensors.Length];
            for (int i = 0; i < _values.Length; i++)
            {
                _values[i] = new long[board.Sensors[i].Fields.Length];
                _present[i] = new bool[board.Sensors[i].Fields.Length];
            }
        }

        /// <summary>Samples if it is time to. Milliseconds until it is time again.</summary>
        public int Step()
        {
            long now = _board.Clock.SinceBootMs();
            if (now >= _dueMs)
            {
                long at = now - _dueMs <= OnTimeMs ? _dueMs : now;
                SampleAll(at);
                // Late by more than that: the schedule starts anew from here, and what was missed is not made up.
                _dueMs = at + _settings.SampleIntervalMs;
            }

            if (_batch.Rows > 0 && now - _batchStartMs >= _settings.BatchIntervalMs)
                Seal();

            long wait = _dueMs - _board.Clock.SinceBootMs();
            return wait > 0 ? (int)wait : 0;
        }

        /// <summary>Whether a change may be sealed at any moment.</summary>
        public bool Watches
        {
            get { return _changes.Watches; }
        }

        /// <summary>Until the next message is sealed, where nothing seals it sooner.</summary>
        public long UntilSealMs(long now)
        {
            long full = _dueMs - now + (long)(_settings.RowsPerMessage - _ticks - 1) * _settings.SampleIntervalMs;
            long began = _batch.Rows > 0 ? _batchStartMs : _dueMs;
            long old = began + _settings.BatchIntervalMs - now;
            long left = full < old ? full : old;
            return left > 0 ? left : 0;
        }

        /// <summary>A changed interval counts from now, not from the end of an hour that was asked for earlier.</summary>
        public void IntervalChanged()
        {
            long next = _board.Clock.SinceBootMs() + _settings.SampleIntervalMs;
            if (next < _dueMs)
                _dueMs = next;
        }

        /// <summary>Beside the schedule, and sent at once. How many rows it gave.</summary>
        public int SampleNow()
        {
            long before = _counters.RowsSampled;
            SampleAll(_board.Clock.SinceBootMs());
            Seal();
            return (int)(_counters.RowsSampled - before);
        }

        public void Seal()
        {
            _batch.Seal();
            _changes.Sealed();
            _ticks = 0;
        }

        private void SampleAll(long sinceBootMs)
        {
            long byMs;
            bool moves = _rowClock.Follow(out byMs) && _batch.Rows > 0;
            long time = _rowClock.Stamp(sinceBootMs);
            _batch.Expect(_rowClock.Flag, time, byMs);
            if (moves)
                _batch.ToUnix(byMs);
            // A wall clock that was set back: rows of one block ascend, so the earlier ones go out on their own.
            if (_batch.Rows > 0 && time < _batch.LastMs)
                Seal();
            if (_batch.Rows == 0)
                _batchStartMs = sinceBootMs;

            bool atOnce = false;
            for (int i = 0; i < _values.Length; i++)
            {
                bool read = TryRead(i);
                if (read == _silent[i])
                    Tell(i, !read);
                if (read)
                {
                    atOnce |= _changes.Exceeded(i, _values[i], _present[i]);
                    _batch.Add(i, _rowClock.Flag, time, _values[i], _present[i]);
                    _counters.RowsSampled++;
                }

                if (!IsWhole(i, read))
                    _counters.SensorFailures++;
            }

            if (++_ticks >= _settings.RowsPerMessage || atOnce)
                Seal();
        }

        private bool IsWhole(int sensor, bool read)
        {
            for (int f = 0; f < _present[sensor].Length; f++)
                read &= _present[sensor][f];
            return read;
        }

        /// <summary>Said when it changes and not at every row: for whoever stands at the bench with a loose wire.</summary>
        private void Tell(int sensor, bool silent)
        {
            _silent[sensor] = silent;
            _board.Log(_board.Sensors[sensor].Measurement + (silent ? ": gives no values" : ": gives values again"));
        }

        private bool TryRead(int sensor)
        {
            Array.Clear(_present[sensor], 0, _present[sensor].Length);
            try
            {
                return _board.Sensors[sensor].TryRead(_values[sensor], _present[sensor]);
            }
            catch (Exception e)
            {
                // An exception that leaves a thread ends it in silence: one broken driver must not end them all.
                _board.Log(_board.Sensors[sensor].Measurement + ": " + e.Message);
                return false;
            }
        }
    }
}
