using System;
using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Fields whose change is sent at once and not with the next batch: "measurement.field" and by how much the value has
    /// to differ from the one sent last. Tables of fixed size; a row costs one comparison per watched field.
    /// </summary>
    internal sealed class SendOnChange
    {
        private readonly ISensor[] _sensors;

        // By sensor and field: 0 is not watched. The last value sent, and the newest.
        private readonly double[][] _least;
        private readonly double[][] _sent;
        private readonly double[][] _newest;
        private readonly bool[][] _known;
        private readonly byte[] _bits = new byte[4];

        public SendOnChange(ISensor[] sensors)
        {
            _sensors = sensors;
            _least = new double[sensors.Length][];
            _sent = new double[sensors.Length][];
            _newest = new double[sensors.Length][];
            _known = new bool[sensors.Length][];
            for (int s = 0; s < sensors.Length; s++)
            {
                int fields = sensors[s].Fields.Length;
                _least[s] = new double[fields];
                _sent[s] = new double[fields];
                _newest[s] = new double[fields];
                _known[s] = new bool[fields];
            }
        }

        /// <summary>All of the map or nothing of it. Null, or what is wrong with it.</summary>
        public string TrySet(JsonObject wanted)
        {
            int found = 0;
            for (int s = 0; s < _sensors.Length; s++)
            {
                for (int f = 0; f < _least[s].Length; f++)
                {
                    double least;
                    if (!wanted.Has(Name(s, f)))
                        continue;
                    if (!wanted.TryGetDouble(Name(s, f), out least) || !(least > 0 && least < 1e15))
                        return Name(s, f) + " takes a number above 0: the change that is sent at once";
                    found++;
                }
            }

            if (found != wanted.Count)
                return "it names a field that this device has not; they are written measurement.field";

            for (int s = 0; s < _sensors.Length; s++)
            {
                for (int f = 0; f < _least[s].Length; f++)
                {
                    double least;
                    _least[s][f] = wanted.TryGetDouble(Name(s, f), out least) ? least : 0;
                }
            }

            return null;
        }

        /// <summary>Whether this row has a watched field that went far enough from what was sent last.</summary>
        public bool Exceeded(int sensor, long[] values, bool[] present)
        {
            bool exceeded = false;
            for (int f = 0; f < values.Length; f++)
            {
                if (_least[sensor][f] == 0 || !present[f])
                    continue;

                double value = Value(_sensors[sensor].Fields[f], values[f]);
                _newest[sensor][f] = value;
                // The first value has nothing to differ from; it comes with its batch.
                if (!_known[sensor][f])
                    _sent[sensor][f] = value;
                _known[sensor][f] = true;
                double change = value - _sent[sensor][f];
                // Twenty parts in a billion for what binary fractions lose: 0.5 from 21.0 to 21.5 is a change of 0.5.
                exceeded |= (change < 0 ? -change : change) >= _least[sensor][f] * 0.99999998;
            }

            return exceeded;
        }

        /// <summary>All that was sampled is on its way.</summary>
        public void Sealed()
        {
            for (int s = 0; s < _sent.Length; s++)
                Array.Copy(_newest[s], 0, _sent[s], 0, _sent[s].Length);
        }

        public bool Watches
        {
            get
            {
                for (int s = 0; s < _least.Length; s++)
                {
                    for (int f = 0; f < _least[s].Length; f++)
                    {
                        if (_least[s][f] > 0)
                            return true;
                    }
                }

                return false;
            }
        }

        public string Json()
        {
            string json = "{";
            for (int s = 0; s < _sensors.Length; s++)
            {
                for (int f = 0; f < _least[s].Length; f++)
                {
                    if (_least[s][f] > 0)
                        json +=
                            (json.Length == 1 ? "" : ",") + JsonText.Quote(Name(s, f)) + ":" + _least[s][f].ToString();
                }
            }

            return json + "}";
        }

        private string Name(int sensor, int field)
        {
            return _sensors[sensor].Measurement + "." + _sensors[sensor].Fields[field].Name;
        }

        private double Value(Field field, long raw)
        {
            if (field.Type == FieldType.Float32)
            {
                for (int i = 0; i < 4; i++)
                    _bits[i] = (byte)(raw >> (8 * i));
                return BitConverter.ToSingle(_bits, 0);
            }

            double value = raw;
            for (int i = field.Type == FieldType.Decimal ? field.Exponent : 0; i != 0; i += i < 0 ? 1 : -1)
                value = i < 0 ? value / 10 : value * 10;
            return value;
        }
    }
}
