using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// What the device has to say to people: on its console always, and to the gateway from the level that is set. Sixteen
    /// messages wait for a link; when there is no room the new one is dropped and counted, because what an outage began
    /// with says more than its thousandth repetition. One that repeats the one before it is only counted there.
    /// </summary>
    internal sealed class DeviceLog
    {
        // A person's line, not the whole of a doctor's answer.
        private const int LongestMessage = 256;

        private readonly Entry[] _entries = new Entry[16];
        private readonly IBoard _board;
        private readonly DeviceSettings _settings;
        private readonly Counters _counters;
        private int _head;
        private int _count;
        private long _droppedSince;

        public DeviceLog(IBoard board, DeviceSettings settings, Counters counters)
        {
            _board = board;
            _settings = settings;
            _counters = counters;
            for (int i = 0; i < _entries.Length; i++)
                _entries[i] = new Entry();
        }

        public bool HasUnsent
        {
            get { return _count > 0; }
        }

        public void Write(byte level, string category, string message)
        {
            _board.Log(category + ": " + message);
            if (level < _settings.LogLevel)
                return;

            if (message.Length > LongestMessage)
                message = message.Substring(0, LongestMessage);
            Entry last = _entries[(_head + _count + _entries.Length - 1) % _entries.Length];
            if (_count > 0 && last.Category == category && last.Message == message)
            {
                last.Times++;
                return;
            }

            if (_count == _entries.Length)
            {
                _counters.LogsDropped++;
                _droppedSince++;
                return;
            }

            Put(level, category, message);
        }

        /// <summary>Writes the oldest into the writer and forgets it: LOG is best effort. False when none waits.</summary>
        public bool TryTake(WireWriter writer)
        {
            if (_count == 0)
                return false;

            Entry entry = _entries[_head];
            string text = entry.Times == 1 ? entry.Message : entry.Message + " (" + entry.Times + " times)";
            DeviceMessages.Log(writer, entry.Level, entry.Clock, entry.AtMs, entry.Category, text);
            entry.Message = null;
            _head = (_head + 1) % _entries.Length;
            _count--;
            if (_count == 0 && _droppedSince > 0)
            {
                Put(LogLevel.Warning, "log", _droppedSince + " messages had no room and were dropped");
                _droppedSince = 0;
            }

            return true;
        }

        private void Put(byte level, string category, string message)
        {
            Entry entry = _entries[(_head + _count) % _entries.Length];
            bool set = _board.Clock.IsSet;
            entry.Level = level;
            entry.Clock = set ? ClockFlag.Unix : ClockFlag.SinceBoot;
            entry.AtMs = set ? _board.Clock.UnixMs() : _board.Clock.SinceBootMs();
            entry.Category = category;
            entry.Message = message;
            entry.Times = 1;
            _count++;
        }

        private sealed class Entry
        {
            public byte Level;
            public byte Clock;
            public long AtMs;
            public string Category;
            public string Message;
            public int Times;
        }
    }
}
