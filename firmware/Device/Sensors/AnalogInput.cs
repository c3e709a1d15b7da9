using System.Device.Adc;

namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// A voltage on a pin of ADC1, by way of a divider where it is higher than the pin may see. The converter is used as it
    /// comes, without a calibration of the single chip: good for a trend or a battery, not for a measuring bridge.
    /// </summary>
    internal sealed class AnalogInput : ISensor
    {
        public const int FullScaleCount = 4095;

        // The converter's noise goes down with the root of this.
        private const int Readings = 16;

        private readonly AdcChannel _channel;
        private readonly int _fullScaleMillivolts;

        /// <param name="measurement">What the voltage is of.</param>
        /// <param name="channel">Of ADC1: ADC2 belongs to Wi-Fi.</param>
        /// <param name="fullScaleMillivolts">What stands before the divider when the converter is at its end.</param>
        public AnalogInput(string measurement, AdcChannel channel, int fullScaleMillivolts)
        {
            Measurement = measurement;
            Fields = new Field[] { new Field("voltage", "V", FieldType.Decimal, -3) };
            _channel = channel;
            _fullScaleMillivolts = fullScaleMillivolts;
        }

        public string Measurement { get; private set; }

        public Field[] Fields { get; private set; }

        /// <summary>Readings at the converter's upper end, which say no more than "at least that much".</summary>
        public long Overruns { get; private set; }

        public bool TryRead(long[] values, bool[] present)
        {
            int sum = 0;
            for (int i = 0; i < Readings; i++)
            {
                int count = _channel.ReadValue();
                if (count < 0 || count >= FullScaleCount)
                {
                    Overruns++;
                    return false;
                }

                sum += count;
            }

            values[0] = Millivolts(sum, Readings, _fullScaleMillivolts);
            present[0] = true;
            return true;
        }

        /// <summary>The mean of so many counts as a voltage, rounded.</summary>
        public static int Millivolts(int sum, int readings, int fullScaleMillivolts)
        {
            long divisor = (long)readings * FullScaleCount;
            return (int)(((long)sum * fullScaleMillivolts + divisor / 2) / divisor);
        }
    }
}
