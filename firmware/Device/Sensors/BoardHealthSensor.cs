using IoTGateway.Device.Boards;
using nanoFramework.Hardware.Esp32;

namespace IoTGateway.Device.Sensors
{
    /// <summary>How the board itself fares: a heap that only shrinks, or an uptime that restarts, shows on a chart.</summary>
    internal sealed class BoardHealthSensor : ISensor
    {
        private readonly IClock _clock;
        private readonly Counters _counters;
        private readonly Field[] _fields = new Field[]
        {
            new Field("uptime", "s", FieldType.Decimal, 0),
            new Field("free_heap", "B", FieldType.Decimal, 0),
            new Field("sensor_errors", "", FieldType.Decimal, 0),
        };

        /// <param name="clock">For the uptime.</param>
        /// <param name="counters">Of this boot: what its sensors failed to read.</param>
        public BoardHealthSensor(IClock clock, Counters counters)
        {
            _clock = clock;
            _counters = counters;
        }

        public string Measurement
        {
            get { return "board"; }
        }

        public Field[] Fields
        {
            get { return _fields; }
        }

        public bool TryRead(long[] values, bool[] present)
        {
            uint total;
            uint free;
            uint largest;
            NativeMemory.GetMemoryInfo(NativeMemory.MemoryType.All, out total, out free, out largest);
            values[0] = _clock.SinceBootMs() / 1000;
            present[0] = true;
            values[1] = free;
            present[1] = true;
            values[2] = _counters.SensorFailures;
            present[2] = true;
            return true;
        }
    }
}
