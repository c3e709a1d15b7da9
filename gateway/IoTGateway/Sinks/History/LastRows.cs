using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// The newest row of every series, in memory: a list of all devices would otherwise ask the file some thousand times.
/// Read from the file by the first who asks, and kept up by the sink from then on.
/// </summary>
internal sealed class LastRows
{
    private readonly Lock _lock = new();
    private readonly List<(string Device, HistorySeries Row)> _prepared = [];
    private readonly RowBlock _block = new();
    private bool _isIncomplete;
    private Dictionary<string, SortedList<string, HistorySeries>>? _byDevice;

    /// <summary>What a device measures, each with its last row; ordered by name.</summary>
    public IReadOnlyList<HistorySeries> Of(string device, Func<IEnumerable<(string Device, HistorySeries Row)>> load)
    {
        lock (_lock)
        {
            if (_byDevice is null)
            {
                _byDevice = new(StringComparer.Ordinal);
                try
                {
                    foreach (var (of, row) in load())
                        Put(_byDevice, of, row);
                }
                catch
                {
                    _byDevice = null;
                    throw;
                }
            }
            return _byDevice.TryGetValue(device, out var rows) ? [.. rows.Values] : [];
        }
    }

    /// <summary>Notes the last of some sorted rows; it counts from <see cref="Commit"/> on. For the writer alone.</summary>
    public void Prepare(SeriesState series, RowBuffer rows)
    {
        if (rows.Count == 0)
            return;
        if (Volatile.Read(ref _byDevice) is null)
        {
            _isIncomplete = true;
            return;
        }
        rows.CopyTo(_block, rows.Count - 1, rows.Count);
        _prepared.Add((series.Device, Describe(series.Measurement, _block, 0)));
    }

    /// <summary>What was prepared is on disk.</summary>
    public void Commit()
    {
        lock (_lock)
        {
            // Read from the file while the transaction ran: it did not see these rows, and nobody prepared them.
            if (_isIncomplete)
                _byDevice = null;
            else if (_byDevice is not null)
                foreach (var (device, row) in _prepared)
                    Put(_byDevice, device, row);
        }
        Rollback();
    }

    public void Rollback()
    {
        _prepared.Clear();
        _isIncomplete = false;
    }

    /// <summary>Forgets series that have no row left.</summary>
    public void Expire(long beforeUnixMs)
    {
        lock (_lock)
        {
            foreach (var rows in _byDevice?.Values ?? Enumerable.Empty<SortedList<string, HistorySeries>>())
            foreach (var row in rows.Values.Where(row => row.LastUnixMs < beforeUnixMs).ToArray())
                rows.Remove(row.Measurement);
        }
    }

    /// <summary>Forgets all: the file is another one. For the writer alone, and before there is one.</summary>
    public void Clear()
    {
        Rollback();
        lock (_lock)
            _byDevice = null;
    }

    public static HistorySeries Describe(string measurement, RowBlock block, int row)
    {
        var fields = new HistoryField[block.Sensor.Fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            var field = block.Sensor.Fields[i];
            double? value = block.IsPresent(i, row) ? FieldValue.ToDouble(field, block.Raw(i, row)) : null;
            fields[i] = new HistoryField(field.Name, field.Unit, value);
        }
        return new HistorySeries(measurement, block.Times[row], fields);
    }

    private static void Put(Dictionary<string, SortedList<string, HistorySeries>> all, string device, HistorySeries row)
    {
        if (!all.TryGetValue(device, out var rows))
            all.Add(device, rows = new(StringComparer.Ordinal));
        if (!rows.TryGetValue(row.Measurement, out var known) || row.LastUnixMs >= known.LastUnixMs)
            rows[row.Measurement] = row;
    }
}
