using System.Text.Json;
using IoTGateway.Dashboard.Live;

namespace IoTGateway.Dashboard.Fleet;

/// <summary>One open page of all devices: the rows in sight, and of them those that have changed.</summary>
internal sealed class FleetView(FleetTable table, FleetFilter filter) : ILiveView
{
    public const int FirstRows = 40;
    private const int MostRows = 200;

    private readonly IDisposable _watching = table.Watch();
    private readonly SentParts _sent = new();
    private Dictionary<string, (long Version, int Place)> _rendered = new(StringComparer.Ordinal);
    private string[] _order = [];
    private FleetFilter _filter = filter;
    private int _first;
    private int _count = FirstRows;
    private int _total = -1;

    public async ValueTask<LiveFrame?> RenderAsync(PartRenderer renderer, CancellationToken cancellationToken)
    {
        if (!table.IsReady)
            return null;
        var entries = table.All;
        var rows = _filter.Apply(entries);
        var first = Math.Min(_first, Math.Max(0, rows.Length - 1));
        var inSight = rows.AsSpan(first, Math.Min(_count, rows.Length - first)).ToArray();
        _sent.Add("fleet-empty", await renderer.RenderAsync<FleetEmpty>(("IsEmpty", entries.Length == 0)));
        _sent.Add(
            "fleet-count",
            await renderer.RenderAsync<FleetCount>(
                ("Shown", rows.Length),
                ("All", entries.Length),
                ("Online", table.Online)
            )
        );
        var list = await RenderListAsync(renderer, inSight, first, rows.Length);
        var parts = _sent.Take();
        return list is null && parts is null ? null : new LiveFrame(parts, list);
    }

    public void Receive(JsonElement message)
    {
        _filter = FleetFilter.Of(message);
        _first = Number(message, "first", 0, int.MaxValue);
        _count = Number(message, "count", 1, MostRows);
    }

    public void Dispose() => _watching.Dispose();

    private async ValueTask<LiveList?> RenderListAsync(PartRenderer renderer, FleetRowData[] rows, int first, int total)
    {
        var html = new Dictionary<string, string>(StringComparer.Ordinal);
        var rendered = new Dictionary<string, (long Version, int Place)>(rows.Length, StringComparer.Ordinal);
        var order = new string[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            order[i] = FleetRow.IdOf(rows[i].Id);
            var now = (rows[i].Version, Place: first + i + 1);
            rendered[rows[i].Id] = now;
            if (!_rendered.TryGetValue(rows[i].Id, out var before) || before != now)
                html[order[i]] = await renderer.RenderAsync<FleetRow>(
                    ("Row", table.WithTrend(rows[i])),
                    ("Place", now.Place)
                );
        }
        var isSame = html.Count == 0 && total == _total && order.AsSpan().SequenceEqual(_order);
        (_rendered, _order, _total) = (rendered, order, total);
        return isSame ? null : new LiveList(order, first, total, html);
    }

    private static int Number(JsonElement message, string name, int low, int high) =>
        message.TryGetProperty(name, out var number) && number.TryGetInt32(out var value)
            ? Math.Clamp(value, low, high)
            : low;
}
