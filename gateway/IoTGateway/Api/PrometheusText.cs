using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace IoTGateway.Api;

/// <summary>
/// <c>/metrics</c>: the gateway's instruments in the Prometheus text format (version 0.0.4). Counters and gauges are
/// read when the page is; histograms are added up here in between.
/// </summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<LatencyBuckets> _histograms = [];
    private readonly Lock _lock = new();
    private readonly StringBuilder _page = new();
    private string? _family;

    public PrometheusText(GatewayMetrics metrics)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == metrics.Meter)
                listener.EnableMeasurementEvents(instrument, StateOf(instrument));
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Line(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>(
            (instrument, value, tags, state) =>
            {
                if (state is LatencyBuckets buckets)
                    buckets.Add(value);
                else
                    Line(instrument, value, tags);
            }
        );
        _listener.Start();
    }

    /// <summary>The page.</summary>
    public string Write()
    {
        lock (_lock)
        {
            _page.Clear();
            _family = null;
            _listener.RecordObservableInstruments();
            foreach (var histogram in _histograms)
                histogram.Write(_page);
            return _page.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private LatencyBuckets? StateOf(Instrument instrument)
    {
        if (instrument is not Histogram<double>)
            return null;
        var buckets = new LatencyBuckets(instrument.Name, instrument.Description ?? string.Empty);
        lock (_lock)
            _histograms.Add(buckets);
        return buckets;
    }

    private void Line(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_family != instrument.Name)
        {
            _family = instrument.Name;
            var type = instrument is ObservableCounter<long> or ObservableCounter<double> ? "counter" : "gauge";
            Head(_page, instrument.Name, instrument.Description ?? string.Empty, type);
        }
        _page.Append(instrument.Name);
        if (tags.Length > 0)
            _page.Append('{');
        for (var i = 0; i < tags.Length; i++)
            _page
                .Append(i > 0 ? "," : "")
                .Append(tags[i].Key)
                .Append("=\"")
                .Append(Escape(tags[i].Value?.ToString() ?? ""))
                .Append('"');
        if (tags.Length > 0)
            _page.Append('}');
        _page.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static void Head(StringBuilder page, string name, string description, string type) =>
        page.Append($"# HELP {name} {description}\n# TYPE {name} {type}\n");

    private static string Escape(string value) => value.Replace("\\", @"\\").Replace("\"", "\\\"").Replace("\n", @"\n");

    /// <summary>Seconds, counted into buckets from 0.5 ms to 10 s.</summary>
    private sealed class LatencyBuckets(string name, string description)
    {
        private static readonly double[] Bounds =
        [
            0.0005,
            0.001,
            0.0025,
            0.005,
            0.01,
            0.025,
            0.05,
            0.1,
            0.25,
            0.5,
            1,
            2.5,
            5,
            10,
        ];

        private readonly long[] _counts = new long[Bounds.Length + 1];
        private readonly Lock _lock = new();
        private double _sum;

        public void Add(double seconds)
        {
            var bucket = 0;
            while (bucket < Bounds.Length && seconds > Bounds[bucket])
                bucket++;
            lock (_lock)
            {
                _counts[bucket]++;
                _sum += seconds;
            }
        }

        public void Write(StringBuilder page)
        {
            Head(page, name, description, "histogram");
            lock (_lock)
            {
                long count = 0;
                for (var i = 0; i < _counts.Length; i++)
                {
                    count += _counts[i];
                    var bound = i < Bounds.Length ? Bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                    page.Append($"{name}_bucket{{le=\"{bound}\"}} {count}\n");
                }
                page.Append($"{name}_sum {_sum.ToString("R", CultureInfo.InvariantCulture)}\n{name}_count {count}\n");
            }
        }
    }
}
