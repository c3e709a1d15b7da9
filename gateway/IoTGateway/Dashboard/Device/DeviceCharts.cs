using IoTGateway.Dashboard.Charts;
using IoTGateway.Live;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Device;

/// <summary>
/// The charts of one page: the history once, and from then on what the live feed brings. The history is asked again now
/// and then, so that a long range stays as thinned out as it was.
/// </summary>
internal sealed class DeviceCharts : IDisposable
{
    private static readonly TimeSpan Reload = TimeSpan.FromMinutes(1);

    private readonly string _device;
    private readonly ChartRange _range;
    private readonly TimeZoneInfo _zone;
    private readonly DeviceReader _reader;
    private readonly HistoryQuery _history;
    private readonly TimeProvider _time;
    private readonly IDisposable? _observing;
    private volatile Series[] _series = [];
    private volatile bool _hasNewField = true;
    private long _loadedAt;

    /// <param name="device">Whose.</param>
    /// <param name="range">How far back.</param>
    /// <param name="zone">Of the viewer.</param>
    /// <param name="reader">Knows its fields.</param>
    /// <param name="history">What has been.</param>
    /// <param name="feed">What comes; null for a page that stands still.</param>
    /// <param name="time">Now.</param>
    public DeviceCharts(
        string device,
        ChartRange range,
        TimeZoneInfo zone,
        DeviceReader reader,
        HistoryQuery history,
        LiveFeed? feed,
        TimeProvider time
    )
    {
        (_device, _range, _zone, _reader, _history, _time) = (device, range, zone, reader, history, time);
        // Before the history is read: what comes in between is there twice, and counts once.
        _observing = feed?.Observe(Take);
    }

    /// <summary>The charts now; a chart without anything new is as it was a second ago.</summary>
    public IReadOnlyList<ChartData> Read(CancellationToken cancellationToken)
    {
        if (_hasNewField || _time.GetElapsedTime(_loadedAt) >= Reload)
            Load(cancellationToken);
        // Whole seconds: between them a chart without news does not change.
        var to = (_time.GetUtcNow().ToUnixTimeMilliseconds() / 1_000 * 1_000) + 1_000;
        var step = Math.Max(1_000, (long)_range.Length.TotalMilliseconds / Series.Points);
        to = (to + step - 1) / step * step;
        var from = to - (long)_range.Length.TotalMilliseconds;
        var gaps = _history.Gaps(_device, from, to);
        return [.. _series.Select(series => Draw(series, gaps, from, to))];
    }

    public void Dispose() => _observing?.Dispose();

    private ChartData Draw(Series series, IReadOnlyList<HistoryGap> gaps, long from, long to) =>
        new(
            series.Id,
            series.Measurement,
            series.Field,
            series.Unit,
            $"/devices/{_device}/readings.csv?measurement={Uri.EscapeDataString(series.Measurement)}&field={Uri.EscapeDataString(series.Field)}&range={_range.Key}",
            ChartShape.Of(series.Read(from, to), series.Unit, gaps, from, to, _zone, series.IsSwitch)
        );

    private void Load(CancellationToken cancellationToken)
    {
        _hasNewField = false;
        _loadedAt = _time.GetTimestamp();
        var known = _series;
        Series[] all =
        [
            .. _reader
                .Fields(_device)
                .Select(field =>
                    Array.Find(known, one => one.Measurement == field.Measurement && one.Field == field.Name)
                    ?? new Series(field.Measurement, field.Name, field.Unit, field.IsSwitch, _range.Length)
                ),
        ];
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var from = now - (long)_range.Length.TotalMilliseconds;
        foreach (var series in all)
        {
            var past = _history.Readings(
                _device,
                series.Measurement,
                series.Field,
                from,
                now + 60_000,
                Series.Points,
                cancellationToken
            );
            if (past is not null)
                series.Load(past.Points);
        }
        // A field that has just come is not in the history yet: its live part stays.
        _series = [.. all, .. known.Where(one => !all.Contains(one))];
    }

    private void Take(string device, RowBlock block)
    {
        if (device != _device)
            return;
        var sensor = block.Sensor;
        for (var field = 0; field < sensor.Fields.Length; field++)
        {
            var series = Array.Find(
                _series,
                one => one.Measurement == sensor.Measurement && one.Field == sensor.Fields[field].Name
            );
            if (series is null)
            {
                series = new Series(
                    sensor.Measurement,
                    sensor.Fields[field].Name,
                    sensor.Fields[field].Unit,
                    sensor.Fields[field].Type == FieldType.Boolean,
                    _range.Length
                );
                _series = [.. _series, series];
                _hasNewField = true;
            }
            for (var row = 0; row < block.Rows; row++)
            {
                if (block.IsPresent(field, row))
                    series.Add(
                        new HistoryPoint(
                            block.Times[row],
                            FieldValue.ToDouble(sensor.Fields[field], block.Raw(field, row))
                        )
                    );
            }
        }
    }
}
