using System.Globalization;
using System.Text;

namespace IoTGateway.Bench.Transports;

/// <summary>Two panels: bytes of a row by how often there is one, and how long a command takes. Both logarithmic.</summary>
internal sealed class TransportChart(IReadOnlyList<TransportCost> costs)
{
    private const int Width = 900;
    private const int Height = 430;
    private const int Top = 60;
    private const int Bottom = 330;
    private const double LeastBytes = 1;
    private const double MostBytes = 100_000;
    private const double LeastMs = 1;
    private const double MostMs = 100_000;

    /// <summary>By transport; apart also for who does not see red and green as two (Okabe and Ito).</summary>
    private static readonly string[] Colours = ["#D55E00", "#E69F00", "#CC79A7", "#0072B2", "#009E73"];

    private static readonly (int PerMinute, string Words)[] Rates =
    [
        (1, "1 a minute"),
        (60, "1 a second"),
        (600, "10 a second"),
    ];

    private readonly StringBuilder _svg = new();

    public string Draw()
    {
        Add(
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {Height}" font-family="sans-serif" font-size="12" role="img" aria-label="Bytes on the wire for a row, and how long a command takes, by polling, long polling and WebSocket">"""
        );
        Add($"""<rect width="{Width}" height="{Height}" fill="#fff"/>""");
        DrawBytes(60, 470);
        DrawLatency(560, 880);
        DrawLegend();
        _svg.AppendLine("</svg>");
        return _svg.ToString();
    }

    private void DrawBytes(double left, double right)
    {
        Title(left, "Bytes on the wire for a row (TLS and HTTP included)");
        Grid(left, right, LeastBytes, MostBytes, value => value.ToString("N0", CultureInfo.InvariantCulture));
        var group = (right - left) / Rates.Length;
        var bar = group / (Transport.All.Length + 1);
        for (var rate = 0; rate < Rates.Length; rate++)
        {
            var start = left + (rate * group);
            Text(start + (group / 2), Bottom + 18, "middle", Rates[rate].Words);
            for (var i = 0; i < Transport.All.Length; i++)
            {
                if (Find(Transport.All[i], TransportCost.Up, Rates[rate].PerMinute) is not { } cost)
                    continue;
                var x = start + (bar * (i + 0.5));
                var y = Y(cost.Bytes, LeastBytes, MostBytes);
                Add(
                    $"""<rect x="{x:F1}" y="{y:F1}" width="{bar - 3:F1}" height="{Bottom - y:F1}" fill="{Colours[i]}"/>"""
                );
                Text(x + (bar / 2), y - 4, "middle", Short(cost.Bytes), 9);
            }
        }
    }

    private void DrawLatency(double left, double right)
    {
        Title(left, "Until a device has a command: p50 to p99, ms");
        Grid(left, right, LeastMs, MostMs, value => value.ToString("N0", CultureInfo.InvariantCulture));
        var step = (right - left) / Transport.All.Length;
        for (var i = 0; i < Transport.All.Length; i++)
        {
            if (Find(Transport.All[i], TransportCost.Down, 60) is not { MedianMs: { } median, P99Ms: { } p99 })
                continue;
            var x = left + (step * (i + 0.5));
            var (low, high) = (Y(median, LeastMs, MostMs), Y(p99, LeastMs, MostMs));
            Add(
                $"""<line x1="{x:F1}" x2="{x:F1}" y1="{low:F1}" y2="{high:F1}" stroke="{Colours[i]}" stroke-width="6" stroke-linecap="round"/>"""
            );
            Text(x + 8, low + 12, "start", Short(median), 10);
            Text(x + 8, high - 4, "start", Short(p99), 10);
        }
        Text((left + right) / 2, Bottom + 18, "middle", "at 1 command a second for each device");
    }

    private void DrawLegend()
    {
        for (var i = 0; i < Transport.All.Length; i++)
        {
            var x = 60 + (i * 160);
            Add($"""<rect x="{x}" y="{Height - 52}" width="12" height="12" fill="{Colours[i]}"/>""");
            Text(x + 18, Height - 42, "start", Transport.All[i].Name);
        }
        Text(
            60,
            Height - 14,
            "start",
            "Smaller is better. The scales are logarithmic: a line is ten times the one below. 1 a minute is computed, see gateway/README.md.",
            10
        );
    }

    private void Grid(double left, double right, double least, double most, Func<double, string> nameOf)
    {
        for (var value = least; value <= most; value *= 10)
        {
            var y = Y(value, least, most);
            Add($"""<line x1="{left:F0}" x2="{right:F0}" y1="{y:F1}" y2="{y:F1}" stroke="#ccc"/>""");
            Text(left - 6, y + 4, "end", nameOf(value), 10);
        }
    }

    private TransportCost? Find(Transport transport, string direction, int perMinute) =>
        costs.FirstOrDefault(cost =>
            cost.Transport == transport.Name && cost.Direction == direction && cost.PerMinute == perMinute
        );

    private static double Y(double value, double least, double most) =>
        Bottom - ((Bottom - Top) * Math.Clamp(Math.Log(value / least) / Math.Log(most / least), 0, 1));

    private static string Short(double value) =>
        value >= 10_000 ? string.Create(CultureInfo.InvariantCulture, $"{value / 1000:F0} k")
        : value < 10 ? string.Create(CultureInfo.InvariantCulture, $"{value:F1}")
        : string.Create(CultureInfo.InvariantCulture, $"{value:F0}");

    private void Title(double left, string text) => Text(left - 40, Top - 24, "start", text, 14);

    private void Text(double x, double y, string anchor, string text, int size = 12) =>
        Add($"""<text x="{x:F1}" y="{y:F1}" text-anchor="{anchor}" font-size="{size}" fill="#222">{text}</text>""");

    private void Add(FormattableString line) => _svg.AppendLine(FormattableString.Invariant(line));
}
