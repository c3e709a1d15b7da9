namespace IoTGateway.VirtualDevice.Chips;

/// <summary>
/// The trimming values of one BME280, and the way from a temperature back to a count. It is made of the data sheet's
/// formulas in floating point (section 8.1, page 49) and not of the firmware's integers, so that each checks the other.
/// </summary>
internal static class Bme280Trim
{
    // Temperature and pressure: the worked example of the BMP280 data sheet, section 3.12. Humidity: as on chips in use.
    public const int T1 = 27504;
    public const int T2 = 26435;
    public const int T3 = -1000;
    public const int P1 = 36477;
    public const int P2 = -10685;
    public const int P3 = 3024;
    public const int P4 = 2855;
    public const int P5 = 140;
    public const int P6 = -7;
    public const int P7 = 15500;
    public const int P8 = -14600;
    public const int P9 = 6000;
    public const int H1 = 75;
    public const int H2 = 362;
    public const int H3 = 0;
    public const int H4 = 325;
    public const int H5 = 50;
    public const int H6 = 30;

    public static void Write(byte[] registers)
    {
        var at = 0x88;
        foreach (var word in (ReadOnlySpan<int>)[T1, T2, T3, P1, P2, P3, P4, P5, P6, P7, P8, P9])
        {
            registers[at++] = (byte)word;
            registers[at++] = (byte)(word >> 8);
        }

        registers[0xA1] = H1;
        registers[0xE1] = unchecked((byte)H2);
        registers[0xE2] = H2 >> 8;
        registers[0xE3] = H3;
        registers[0xE4] = H4 >> 4;
        registers[0xE5] = (H4 & 0x0F) | (H5 & 0x0F) << 4;
        registers[0xE6] = H5 >> 4;
        registers[0xE7] = H6;
    }

    public static int TemperatureCount(double celsius) => First(20, celsius, 0, static (count, _) => Celsius(count));

    /// <summary>The pressure falls as the count rises.</summary>
    public static int PressureCount(double pascals, double fine) =>
        First(20, -pascals, fine, static (count, fine) => -Pascals(count, fine));

    public static int HumidityCount(double percent, double fine) => First(16, percent, fine, PercentHumidity);

    public static double Fine(int count)
    {
        var offset = count / 131072.0 - T1 / 8192.0;
        return (count / 16384.0 - T1 / 1024.0) * T2 + offset * offset * T3;
    }

    public static double Celsius(int count) => Fine(count) / 5120.0;

    public static double Pascals(int count, double fine)
    {
        var t = fine / 2.0 - 64000.0;
        var offset = t * t * P6 / 32768.0 + t * P5 * 2.0;
        offset = offset / 4.0 + P4 * 65536.0;
        var scale = (P3 * t * t / 524288.0 + P2 * t) / 524288.0;
        scale = (1.0 + scale / 32768.0) * P1;
        var p = (1048576.0 - count - offset / 4096.0) * 6250.0 / scale;
        return p + (P9 * p * p / 2147483648.0 + p * P8 / 32768.0 + P7) / 16.0;
    }

    public static double PercentHumidity(int count, double fine)
    {
        var t = fine - 76800.0;
        var h = count - (H4 * 64.0 + H5 / 16384.0 * t);
        h *= H2 / 65536.0 * (1.0 + H6 / 67108864.0 * t * (1.0 + H3 / 67108864.0 * t));
        return Math.Clamp(h * (1.0 - H1 * h / 524288.0), 0, 100);
    }

    /// <summary>The first count of so many bits that shows at least the value; the formulas ascend.</summary>
    private static int First(int bits, double value, double fine, Func<int, double, double> shows)
    {
        var (low, high) = (0, (1 << bits) - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (shows(middle, fine) < value)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
