namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// From what the converter counted to what was measured, in integers. BME280 data sheet, revision 1.6, section 4.2.3,
    /// pages 25 and 26. Knows nothing of I2C.
    /// </summary>
    internal sealed class Bme280Compensation
    {
        private readonly Bme280Calibration _trim;

        public Bme280Compensation(Bme280Calibration trim)
        {
            _trim = trim;
        }

        /// <summary>The temperature in 1/5120 degrees, which pressure and humidity are corrected by.</summary>
        public int Fine(int adcTemperature)
        {
            int linear = (((adcTemperature >> 3) - (_trim.T1 << 1)) * _trim.T2) >> 11;
            int offset = (adcTemperature >> 4) - _trim.T1;
            int square = (((offset * offset) >> 12) * _trim.T3) >> 14;
            return linear + square;
        }

        /// <summary>2508 is 25.08 °C.</summary>
        public int CentiCelsius(int fine)
        {
            return (fine * 5 + 128) >> 8;
        }

        /// <summary>Pa × 256, or 0 where the trimming values make no sense.</summary>
        public long Pascals256(int adcPressure, int fine)
        {
            long t = (long)fine - 128000;
            long offset = t * t * _trim.P6;
            offset += (t * _trim.P5) << 17;
            offset += (long)_trim.P4 << 35;
            long scale = ((t * t * _trim.P3) >> 8) + ((t * _trim.P2) << 12);
            scale = ((((long)1 << 47) + scale) * _trim.P1) >> 33;
            if (scale == 0)
                return 0;

            long p = 1048576 - adcPressure;
            p = ((p << 31) - offset) * 3125 / scale;
            long square = (_trim.P9 * (p >> 13) * (p >> 13)) >> 25;
            long linear = (_trim.P8 * p) >> 19;
            return ((p + square + linear) >> 8) + ((long)_trim.P7 << 4);
        }

        /// <summary>Percent of relative humidity × 1024, from 0 to 102400.</summary>
        public int PercentHumidity1024(int adcHumidity, int fine)
        {
            int t = fine - 76800;
            int x = ((adcHumidity << 14) - (_trim.H4 << 20) - _trim.H5 * t + 16384) >> 15;
            int slope = ((((t * _trim.H6) >> 10) * (((t * _trim.H3) >> 11) + 32768)) >> 10) + 2097152;
            x *= (slope * _trim.H2 + 8192) >> 14;
            x -= ((((x >> 15) * (x >> 15)) >> 7) * _trim.H1) >> 4;
            if (x < 0)
                x = 0;
            if (x > 419430400)
                x = 419430400;
            return x >> 12;
        }
    }
}
