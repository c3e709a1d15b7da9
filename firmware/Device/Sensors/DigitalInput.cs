using System.Device.Gpio;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// A contact between a pin and GND, as a reed switch at a door: the pin's own pull-up makes an open one high. It is
    /// looked at when it is time for a row, so what opens and closes between two rows is not seen.
    /// </summary>
    internal sealed class DigitalInput : ISensor
    {
        // A reed switch bounces for a millisecond or two, a cheap push button for ten.
        private const int Alike = 3;
        private const int BetweenLooksMs = 2;
        private const int MostLooks = 10;

        private readonly GpioPin _pin;
        private readonly IClock _clock;

        /// <param name="measurement">What the contact is of.</param>
        /// <param name="pin">Opened as <see cref="PinMode.InputPullUp"/>: an input-only pin has no pull-up.</param>
        /// <param name="clock">The board's, to rest on between two looks.</param>
        public DigitalInput(string measurement, GpioPin pin, IClock clock)
        {
            Measurement = measurement;
            Fields = new Field[] { new Field("open", "", FieldType.Boolean, 0) };
            _pin = pin;
            _clock = clock;
        }

        public string Measurement { get; private set; }

        public Field[] Fields { get; private set; }

        /// <summary>False while it bounces: a contact that never comes to rest is loose.</summary>
        public bool TryRead(long[] values, bool[] present)
        {
            bool open = _pin.Read() == PinValue.High;
            int alike = 1;
            for (int look = 1; look < MostLooks && alike < Alike; look++)
            {
                _clock.Rest(BetweenLooksMs);
                bool now = _pin.Read() == PinValue.High;
                alike = now == open ? alike + 1 : 1;
                open = now;
            }

            if (alike < Alike)
                return false;

            values[0] = open ? 1 : 0;
            present[0] = true;
            return true;
        }
    }
}
