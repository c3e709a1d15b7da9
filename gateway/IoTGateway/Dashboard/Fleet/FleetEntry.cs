using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks.History;

namespace IoTGateway.Dashboard.Fleet;

/// <summary>What the page of all devices knows of one: last values and a small trend, bounded whatever it sends.</summary>
internal sealed class FleetEntry(string id)
{
    private const int MostFields = 8;
    private const int Shown = 3;
    private const string Signal = "rssi";

    private readonly Lock _lock = new();
    private readonly List<Slot> _slots = [];
    private Trend? _trend;
    private RegisteredDevice? _device;
    private (bool Online, long SinceMs) _presence;
    private (double Value, long TimeMs)? _rssi;
    private long _lastRowMs;
    private bool _trendSeeded;
    private FleetRowData? _read;

    public string Id => id;

    /// <summary>Changes with whatever a row of the page shows.</summary>
    public long Version { get; private set; }

    /// <summary>Whether it is here, by link or by request.</summary>
    public bool IsOnline
    {
        get
        {
            lock (_lock)
                return _presence.Online;
        }
    }

    /// <summary>Takes the newest row of a block.</summary>
    public void Take(RowBlock block)
    {
        lock (_lock)
        {
            var isOfBoard = IsOfBoard(block.Sensor);
            var newest = block.Rows - 1;
            var time = block.Times[newest];
            for (var field = 0; field < block.Sensor.Fields.Length; field++)
            {
                if (block.IsPresent(field, newest))
                    Take(
                        block.Sensor,
                        field,
                        isOfBoard,
                        time,
                        FieldValue.ToDouble(block.Sensor.Fields[field], block.Raw(field, newest))
                    );
            }
            for (var row = 0; row < block.Rows; row++)
                TakeTrend(block, row);
            _lastRowMs = Math.Max(_lastRowMs, time);
            Version++;
        }
    }

    /// <summary>Takes the last rows of the history, where no newer one has come meanwhile.</summary>
    public void Seed(IReadOnlyList<HistorySeries> series)
    {
        lock (_lock)
        {
            foreach (var one in series)
            {
                var isOfBoard = MeasuredField.IsOfBoard(one.Fields.Select(field => field.Name));
                for (var field = 0; field < one.Fields.Count; field++)
                {
                    var (name, unit, value) = one.Fields[field];
                    if (value is not { } known)
                        continue;
                    var index = _slots.FindIndex(slot => slot.Is(one.Measurement, name));
                    if (index < 0)
                        Add(new Slot(one.Measurement, name, unit, field, isOfBoard, false, one.LastUnixMs, known));
                    else if (one.LastUnixMs > _slots[index].TimeMs)
                        _slots[index] = _slots[index] with { TimeMs = one.LastUnixMs, Value = known };
                    if (name == Signal && (_rssi is not { } last || one.LastUnixMs > last.TimeMs))
                        _rssi = (known, one.LastUnixMs);
                }
                _lastRowMs = Math.Max(_lastRowMs, one.LastUnixMs);
            }
            Version++;
        }
    }

    /// <summary>Whether the trend lacks its past.</summary>
    public bool WantsTrend
    {
        get
        {
            lock (_lock)
                return !_trendSeeded && _slots.Count > 0;
        }
    }

    /// <summary>Which field's past the trend lacks; null for none. Asked once.</summary>
    public (string Measurement, string Field)? TakeTrendWish()
    {
        lock (_lock)
        {
            if (_trendSeeded || _slots.Count == 0)
                return null;
            _trendSeeded = true;
            return (_slots[0].Measurement, _slots[0].Field);
        }
    }

    public void SeedTrend(IReadOnlyList<HistoryPoint> points)
    {
        lock (_lock)
        {
            var trend = new Trend();
            foreach (var point in points)
                trend.Add(point.UnixMs, point.Value);
            if (_trend is { } live)
                live.CopyTo(trend);
            _trend = trend;
            Version++;
        }
    }

    public void Set(RegisteredDevice device)
    {
        lock (_lock)
        {
            if (_device == device)
                return;
            _device = device;
            Version++;
        }
    }

    public void Set(DeviceStatus status)
    {
        var presence = (status.Online, status.SinceMs);
        lock (_lock)
        {
            if (_presence == presence)
                return;
            _presence = presence;
            Version++;
        }
    }

    /// <summary>What a row shows now, but for its trend; the same object while nothing has changed.</summary>
    public FleetRowData Read()
    {
        lock (_lock)
            return _read is { } read && read.Version == Version ? read : _read = Describe();
    }

    /// <summary>The trend as a path: only for who is looked at, it takes some microseconds.</summary>
    public string TrendPath()
    {
        lock (_lock)
            return _trend?.Path() ?? string.Empty;
    }

    private FleetRowData Describe() =>
        new(
            id,
            _device?.Name ?? id,
            _device?.Disabled == true ? Presence.Disabled
                : _presence.Online ? Presence.Online
                : Presence.Offline,
            _presence.SinceMs != 0 ? _presence.SinceMs : _device?.LastSeenMs ?? 0,
            _device?.Firmware,
            _device?.Board,
            [.. _slots.Take(Shown).Select(slot => new FleetValue(slot.Field, slot.Value, slot.Unit, slot.IsSwitch))],
            _rssi?.Value,
            _lastRowMs,
            Version
        );

    private void Take(SensorDescription sensor, int field, bool isOfBoard, long time, double value)
    {
        var description = sensor.Fields[field];
        if (description.Name == Signal)
            _rssi = (value, time);
        var index = _slots.FindIndex(slot => slot.Is(sensor.Measurement, description.Name));
        if (index < 0)
            Add(
                new Slot(
                    sensor.Measurement,
                    description.Name,
                    description.Unit,
                    field,
                    isOfBoard,
                    description.Type == FieldType.Boolean,
                    time,
                    value
                )
            );
        else if (time >= _slots[index].TimeMs)
            _slots[index] = _slots[index] with { TimeMs = time, Value = value };
    }

    private void Add(Slot slot)
    {
        var at = _slots.FindIndex(known => slot.Rank.CompareTo(known.Rank) < 0);
        // Another first field is another trend.
        if (at == 0)
            (_trend, _trendSeeded) = (null, false);
        _slots.Insert(at < 0 ? _slots.Count : at, slot);
        if (_slots.Count > MostFields)
            _slots.RemoveAt(MostFields);
    }

    private void TakeTrend(RowBlock block, int row)
    {
        if (_slots.Count == 0 || _slots[0].Measurement != block.Sensor.Measurement)
            return;
        var field = _slots[0].Place;
        if (field < block.Sensor.Fields.Length && block.IsPresent(field, row))
            (_trend ??= new Trend()).Add(
                block.Times[row],
                FieldValue.ToDouble(block.Sensor.Fields[field], block.Raw(field, row))
            );
    }

    /// <summary>Without making a list of names for every block that comes.</summary>
    private static bool IsOfBoard(SensorDescription sensor)
    {
        foreach (var field in sensor.Fields)
        {
            if (MeasuredField.IsOfBoard([field.Name]))
                return true;
        }
        return false;
    }

    private readonly record struct Slot(
        string Measurement,
        string Field,
        string Unit,
        int Place,
        bool IsOfBoard,
        bool IsSwitch,
        long TimeMs,
        double Value
    )
    {
        /// <summary>What the room is like comes before how the board feels, and numbers before switches.</summary>
        public (bool, bool, string, int) Rank => (IsOfBoard, IsSwitch, Measurement, Place);

        public bool Is(string measurement, string field) => Measurement == measurement && Field == field;
    }
}
