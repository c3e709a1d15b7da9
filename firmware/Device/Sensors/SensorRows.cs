using System;

namespace IoTGateway.Device.Sensors
{
    /// <summary>The rows of one sensor that wait to be sealed: a fixed table, allocated once.</summary>
    internal sealed class SensorRows
    {
        public readonly byte SensorId;
        public readonly ISensor Sensor;
        public readonly long[] Times;

        /// <summary>[field][row]: jagged, because the board's runtime dies on multi-dimensional arrays.</summary>
        public readonly long[][] Values;
        public readonly bool[][] Present;

        public SensorRows(byte sensorId, ISensor sensor, int capacity)
        {
            SensorId = sensorId;
            Sensor = sensor;
            Times = new long[capacity];
            Values = new long[sensor.Fields.Length][];
            Present = new bool[sensor.Fields.Length][];
            for (int f = 0; f < Values.Length; f++)
            {
                Values[f] = new long[capacity];
                Present[f] = new bool[capacity];
            }
        }

        public int Count { get; private set; }

        public void Add(long timeMs, long[] values, bool[] present)
        {
            if (Count == Times.Length)
                throw new InvalidOperationException("the batch is sealed before it is full");

            Times[Count] = timeMs;
            for (int f = 0; f < Values.Length; f++)
            {
                Values[f][Count] = values[f];
                Present[f][Count] = present[f];
            }

            Count++;
        }

        public void ShiftTimes(long byMs)
        {
            for (int i = 0; i < Count; i++)
                Times[i] += byMs;
        }

        public void Clear()
        {
            Count = 0;
        }
    }
}
