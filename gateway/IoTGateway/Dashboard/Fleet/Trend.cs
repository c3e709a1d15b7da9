using System.Globalization;
using System.Text;

namespace IoTGateway.Dashboard.Fleet;

/// <summary>The last eight minutes of one field in 48 steps of ten seconds; of each, the last value.</summary>
internal sealed class Trend
{
    public const int Steps = 48;
    public const int StepMs = 10_000;
    private const double Height = 16;

    private readonly float[] _values = new float[Steps];
    private long _step = -1;

    public Trend() => Array.Fill(_values, float.NaN);

    /// <summary>Takes a value; one older than the eight minutes says nothing.</summary>
    public void Add(long unixMs, double value)
    {
        var step = unixMs / StepMs;
        if (_step < 0)
            _step = step;
        for (var ahead = Math.Min(step - _step, Steps); ahead > 0; ahead--)
            _values[(step - ahead + 1) % Steps] = float.NaN;
        _step = Math.Max(_step, step);
        if (step > _step - Steps)
            _values[step % Steps] = (float)value;
    }

    /// <summary>Gives another what this one knows.</summary>
    public void CopyTo(Trend other)
    {
        for (var step = _step - Steps + 1; _step >= 0 && step <= _step; step++)
        {
            if (step >= 0 && !float.IsNaN(_values[step % Steps]))
                other.Add(step * StepMs, _values[step % Steps]);
        }
    }

    /// <summary>As an SVG path, broken where nothing came for long; empty for fewer than two values.</summary>
    public string Path()
    {
        var (low, high, count, first, last) = (float.MaxValue, float.MinValue, 0, 0, 0);
        for (var i = 0; i < Steps; i++)
        {
            var value = At(i);
            if (float.IsNaN(value))
                continue;
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
            (first, last) = (count++ == 0 ? i : first, i);
        }
        if (count < 2)
            return string.Empty;
        // A device that sends once a minute has no holes: what is long depends on how far apart values are as a rule.
        var longest = 3.0 * (last - first) / (count - 1);
        // A flat line stays flat: noise in the last digit is no mountain.
        var range = Math.Max(high - low, Math.Max(Math.Abs(high), 1) * 0.002f);
        var middle = (low + high) / 2;
        var path = new StringBuilder();
        var before = int.MinValue;
        for (var i = first; i <= last; i++)
        {
            var value = At(i);
            if (float.IsNaN(value))
                continue;
            var y = (Height / 2) - ((value - middle) / range * (Height - 2));
            path.Append(i - (double)before > longest ? 'M' : 'L').Append(i).Append(' ');
            path.Append(y.ToString("0.#", CultureInfo.InvariantCulture));
            before = i;
        }
        return path.ToString();
    }

    /// <summary>Of a step, the oldest first; NaN for nothing.</summary>
    private float At(int step) => _values[(_step + 1 + step) % Steps];
}
