using System.Device.I2c;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// Sensirion SHT31: temperature and humidity. Sections are of the SHT3x-DIS data sheet, version 5. Single shots of high
    /// repeatability without clock stretching, so that a chip that hangs cannot hold the bus.
    /// </summary>
    internal sealed class Sht31 : ISensor
    {
        /// <summary>ADDR on GND; on VDD it is 0x45.</summary>
        public const int DefaultAddress = 0x44;

        // Section 4.3, page 10, and the soft reset of section 4.9.
        private const byte SingleShot = 0x24;
        private const byte HighRepeatability = 0x00;
        private const byte SoftReset = 0x30;
        private const byte SoftResetWord = 0xA2;

        // At most 15 ms and 1.5 ms (section 2).
        private const int MeasurementMs = 16;
        private const int ResetMs = 2;

        private readonly I2cLink _link;
        private readonly IClock _clock;
        private readonly byte[] _data = new byte[6];
        private bool _ready;

        public Sht31(string measurement, I2cDevice device, IClock clock)
        {
            Measurement = measurement;
            Fields = new Field[]
            {
                new Field("temperature", "Cel", FieldType.Decimal, -2),
                new Field("humidity", "%RH", FieldType.Decimal, -2),
            };
            _link = new I2cLink(device);
            _clock = clock;
        }

        public string Measurement { get; private set; }

        public Field[] Fields { get; private set; }

        public long TransferFailures
        {
            get { return _link.Failures; }
        }

        /// <summary>Values that came with a checksum that was not theirs.</summary>
        public long ChecksumFailures { get; private set; }

        public bool TryRead(long[] values, bool[] present)
        {
            if (!_ready)
                _ready = TryReset();
            if (!_ready)
                return false;

            _ready = TryMeasure();
            if (!_ready)
                return false;

            if (Checked(0))
            {
                values[0] = Sht31Conversion.CentiCelsius((_data[0] << 8) | _data[1]);
                present[0] = true;
            }

            if (Checked(3))
            {
                values[1] = Sht31Conversion.CentiPercentHumidity((_data[3] << 8) | _data[4]);
                present[1] = true;
            }

            return present[0] || present[1];
        }

        private bool TryReset()
        {
            if (!_link.TryWrite(SoftReset, SoftResetWord))
                return false;

            _clock.Rest(ResetMs);
            return true;
        }

        private bool TryMeasure()
        {
            if (!_link.TryWrite(SingleShot, HighRepeatability))
                return false;

            _clock.Rest(MeasurementMs);
            return _link.TryRead(_data);
        }

        private bool Checked(int at)
        {
            if (Sht31Conversion.Crc(_data[at], _data[at + 1]) == _data[at + 2])
                return true;

            ChecksumFailures++;
            return false;
        }
    }
}
