using IoTGateway.Protocol;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Sinks.History;

/// <summary>
/// Rows of one series, whatever their layouts, on the way into blocks: appended in any order, then sorted so that each
/// time stands once and the row that came last wins. Reused; it allocates only to grow.
/// </summary>
internal sealed class RowBuffer
{
    private long[] _times = new long[64];
    private int[] _ranks = new int[64];
    private int[] _order = new int[64];
    private int[] _starts = new int[64];
    private uint[] _present = new uint[64];
    private Layout[] _layouts = new Layout[64];
    private long[] _values = new long[256];
    private int _appended;
    private int _valueCount;

    /// <summary>Rows; after <see cref="Sort"/>, without those that were replaced.</summary>
    public int Count { get; private set; }

    public long Time(int row) => _times[_order[row]];

    public Layout LayoutOf(int row) => _layouts[_order[row]];

    /// <summary>The raw value of a field of a row, if it has one.</summary>
    public bool TryGet(int row, int field, out long raw)
    {
        var at = _order[row];
        raw = _values[_starts[at] + field];
        return (_present[at] >> field & 1) != 0;
    }

    public void Clear()
    {
        Count = 0;
        _appended = 0;
        _valueCount = 0;
    }

    /// <summary>Adds the rows of a block.</summary>
    /// <param name="layout">Whose sensor is the block's, by content.</param>
    /// <param name="block">At most 32 fields (<see cref="ProtocolLimits.Fields"/>).</param>
    /// <param name="older">The rows give way to all others, though they are added later.</param>
    public void Append(Layout layout, RowBlock block, bool older = false)
    {
        var fields = layout.Sensor.Fields.Length;
        Grow(block.Rows, block.Rows * fields);
        var times = block.Times;
        for (var row = 0; row < times.Length; row++)
        {
            uint present = 0;
            for (var field = 0; field < fields; field++)
            {
                _values[_valueCount + field] = block.Raw(field, row);
                if (block.IsPresent(field, row))
                    present |= 1u << field;
            }
            Add(times[row], layout, present, older);
            _valueCount += fields;
        }
    }

    /// <summary>Adds the rows of another buffer, in its order.</summary>
    public void Append(RowBuffer other)
    {
        for (var row = 0; row < other.Count; row++)
        {
            var at = other._order[row];
            var layout = other._layouts[at];
            var fields = layout.Sensor.Fields.Length;
            Grow(1, fields);
            other._values.AsSpan(other._starts[at], fields).CopyTo(_values.AsSpan(_valueCount));
            Add(other._times[at], layout, other._present[at], older: false);
            _valueCount += fields;
        }
    }

    /// <summary>Orders the rows by time and leaves one for each.</summary>
    public void Sort()
    {
        if (Count == 0 || IsStrictlyAscending())
            return;
        _order.AsSpan(0, Count).Sort(new ByTimeThenRank(_times, _ranks));
        var kept = 0;
        for (var row = 0; row < Count; row++)
        {
            var isLastOfItsTime = row == Count - 1 || Time(row) != Time(row + 1);
            if (isLastOfItsTime)
                _order[kept++] = _order[row];
        }
        Count = kept;
    }

    /// <summary>The first row at or after a time; <see cref="Count"/> where there is none. Needs the order.</summary>
    public int FirstAtOrAfter(long time)
    {
        int low = 0,
            high = Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Time(middle) < time)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    /// <summary>Copies a run of rows of one layout into a block.</summary>
    public void CopyTo(RowBlock block, int from, int to)
    {
        var sensor = LayoutOf(from).Sensor;
        block.Reset(sensor, to - from);
        for (var row = from; row < to; row++)
        {
            block.Times[row - from] = Time(row);
            for (var field = 0; field < sensor.Fields.Length; field++)
            {
                if (TryGet(row, field, out var raw))
                    block.Set(field, row - from, raw);
            }
        }
    }

    private void Add(long time, Layout layout, uint present, bool older)
    {
        var at = _appended++;
        _times[at] = time;
        _ranks[at] = older ? -1 : at;
        _order[Count++] = at;
        _layouts[at] = layout;
        _starts[at] = _valueCount;
        _present[at] = present;
    }

    private bool IsStrictlyAscending()
    {
        for (var row = 1; row < Count; row++)
        {
            if (Time(row) <= Time(row - 1))
                return false;
        }
        return true;
    }

    private void Grow(int rows, int values)
    {
        if (_appended + rows > _times.Length)
        {
            var size = Math.Max(_times.Length * 2, _appended + rows);
            Array.Resize(ref _times, size);
            Array.Resize(ref _ranks, size);
            Array.Resize(ref _order, size);
            Array.Resize(ref _starts, size);
            Array.Resize(ref _present, size);
            Array.Resize(ref _layouts, size);
        }
        if (_valueCount + values > _values.Length)
            Array.Resize(ref _values, Math.Max(_values.Length * 2, _valueCount + values));
    }

    /// <summary>Rows that came later rank higher, and so stand last among those of one time.</summary>
    private readonly struct ByTimeThenRank(long[] times, int[] ranks) : IComparer<int>
    {
        public int Compare(int x, int y)
        {
            var byTime = times[x].CompareTo(times[y]);
            return byTime != 0 ? byTime : ranks[x].CompareTo(ranks[y]);
        }
    }
}
