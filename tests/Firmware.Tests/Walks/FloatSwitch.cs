using System.Device.Gpio;

namespace IoTGateway.Device.Sensors
{
    /// <summary>A float switch in a tank: closed, it pulls the pin high, and the tank is full.</summary>
    internal sealed class FloatSwitch : ISensor
    {
        private readonly GpioPin _pin;
        private readonly Field[] _fields = new Field[] { new Field("full", "", FieldType.Boolean, 0) };

        public FloatSwitch(GpioPin pin)
        {
            _pin = pin;
        }

        public string Measurement
        {
            get { return "tank"; }
        }

        public Field[] Fields
        {
            get { return _fields; }
        }

        public bool TryRead(long[] values, bool[] present)
        {
            values[0] = _pin.Read() == PinValue.High ? 1 : 0;
            present[0] = true;
            return true;
        }
    }
}
