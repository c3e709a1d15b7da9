using System.Device.I2c;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// Bosch BME280: temperature, humidity and pressure of the air. Pages are of its data sheet, revision 1.6. Forced mode
    /// with each value measured once, the setting for weather monitoring (section 3.5.1): between readings the chip sleeps
    /// and does not warm itself.
    /// </summary>
    internal sealed class Bme280 : ISensor
    {
        /// <summary>SDO on GND; on VDDIO it is 0x77.</summary>
        public const int DefaultAddress = 0x76;

        // Section 5.4, pages 27 to 30.
        private const byte Id = 0xD0;
        private const byte Reset = 0xE0;
        private const byte CtrlHum = 0xF2;
        private const byte Status = 0xF3;
        private const byte CtrlMeas = 0xF4;
        private const byte Config = 0xF5;
        private const byte Data = 0xF7;
        private const byte CalibrationLow = 0x88;
        private const byte CalibrationHigh = 0xE1;

        private const byte ChipId = 0x60;
        private const byte ResetWord = 0xB6;
        private const byte HumidityOnce = 0x01;
        private const byte TemperatureAndPressureOnceForced = 0x25;
        private const byte NoFilter = 0x00;
        private const byte Measuring = 0x08;
        private const byte CopyingCalibration = 0x01;

        // Start-up takes 2 ms; a measurement of each once at most 9.3 ms (section 9.1, page 51).
        private const int StartUpMs = 3;
        private const int MeasurementMs = 10;
        private const int BetweenPollsMs = 2;
        private const int Polls = 5;

        // What a value reads that was not measured (sections 5.4.7 to 5.4.9).
        private const int Skipped20Bit = 0x80000;
        private const int Skipped16Bit = 0x8000;

        private readonly I2cLink _link;
        private readonly IClock _clock;
        private readonly Bme280Calibration _trim = new Bme280Calibration();
        private readonly Bme280Compensation _compensation;
        private readonly byte[] _register = new byte[1];
        private readonly byte[] _low = new byte[Bme280Calibration.LowBytes];
        private readonly byte[] _high = new byte[Bme280Calibration.HighBytes];
        private readonly byte[] _data = new byte[8];
        private bool _ready;

        public Bme280(string measurement, I2cDevice device, IClock clock)
        {
            Measurement = measurement;
            Fields = new Field[]
            {
                new Field("temperature", "Cel", FieldType.Decimal, -2),
                new Field("humidity", "%RH", FieldType.Decimal, -2),
                new Field("pressure", "hPa", FieldType.Decimal, -1),
            };
            _link = new I2cLink(device);
            _clock = clock;
            _compensation = new Bme280Compensation(_trim);
        }

        public string Measurement { get; private set; }

        public Field[] Fields { get; private set; }

        public long TransferFailures
        {
            get { return _link.Failures; }
        }

        /// <summary>Times the chip was set up: more than one is a chip that went away and came back.</summary>
        public long SetUps { get; private set; }

        public bool TryRead(long[] values, bool[] present)
        {
            if (!_ready)
                _ready = TrySetUp();
            if (!_ready)
                return false;

            // A chip that failed once may have lost its power, and with it its settings: it is set up anew.
            _ready = TryMeasure() && Convert(values, present);
            return present[0] || present[1] || present[2];
        }

        private bool TrySetUp()
        {
            if (!_link.TryReadRegisters(Id, _register) || _register[0] != ChipId)
                return false;
            if (!_link.TryWrite(Reset, ResetWord))
                return false;

            _clock.Rest(StartUpMs);
            if (
                !TryAwait(CopyingCalibration)
                || !_link.TryReadRegisters(CalibrationLow, _low)
                || !_link.TryReadRegisters(CalibrationHigh, _high)
                || !_trim.TryParse(_low, _high)
                || !_link.TryWrite(Config, NoFilter)
                // Takes effect with the next write to ctrl_meas (section 5.4.3).
                || !_link.TryWrite(CtrlHum, HumidityOnce)
            )
            {
                return false;
            }

            SetUps++;
            return true;
        }

        private bool TryMeasure()
        {
            if (!_link.TryWrite(CtrlMeas, TemperatureAndPressureOnceForced))
                return false;

            _clock.Rest(MeasurementMs);
            // One burst, so that no value is of another measurement (section 4.1).
            return TryAwait(Measuring) && _link.TryReadRegisters(Data, _data);
        }

        private bool TryAwait(byte busy)
        {
            for (int i = 0; i < Polls; i++)
            {
                if (!_link.TryReadRegisters(Status, _register))
                    return false;
                if ((_register[0] & busy) == 0)
                    return true;

                _clock.Rest(BetweenPollsMs);
            }

            return false;
        }

        /// <summary>False when a value was not measured although it was asked for.</summary>
        private bool Convert(long[] values, bool[] present)
        {
            int adcPressure = (_data[0] << 12) | (_data[1] << 4) | (_data[2] >> 4);
            int adcTemperature = (_data[3] << 12) | (_data[4] << 4) | (_data[5] >> 4);
            int adcHumidity = (_data[6] << 8) | _data[7];
            // Without the temperature the others cannot be corrected.
            if (adcTemperature == Skipped20Bit)
                return false;

            int fine = _compensation.Fine(adcTemperature);
            values[0] = _compensation.CentiCelsius(fine);
            present[0] = true;
            if (adcHumidity != Skipped16Bit)
            {
                values[1] = (_compensation.PercentHumidity1024(adcHumidity, fine) * 100 + 512) >> 10;
                present[1] = true;
            }

            long pascals256 = adcPressure == Skipped20Bit ? 0 : _compensation.Pascals256(adcPressure, fine);
            if (pascals256 > 0)
            {
                // To tenths of a hectopascal.
                values[2] = (pascals256 + 1280) / 2560;
                present[2] = true;
            }

            return present[1] && present[2];
        }
    }
}
