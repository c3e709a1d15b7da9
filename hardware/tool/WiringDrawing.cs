using System.Text;

namespace IoTGateway.Hardware;

/// <summary>
/// The wiring of one board as SVG. Whole numbers and no clock: the same files give the same bytes, and a test compares
/// them.
/// </summary>
internal sealed partial class WiringDrawing
{
    private const int Width = 1080;
    private const int BoardLeft = 410;
    private const int BoardRight = 670;
    private const int FirstPin = 250;
    private const int PinStep = 24;
    private const int PartWidth = 220;
    private const int Margin = 20;
    private const int TerminalStep = 28;
    private const int PartHead = 58;
    private const int LaneStep = 13;

    private static readonly Dictionary<string, (int Y, string Colour)> Rails = new(StringComparer.Ordinal)
    {
        ["5V"] = (84, "#d9730d"),
        ["3V3"] = (110, "#c62828"),
        ["GND"] = (136, "#212121"),
    };

    private static readonly Dictionary<string, string> Signals = new(StringComparer.Ordinal)
    {
        ["i2c-data"] = "#1565c0",
        ["i2c-clock"] = "#6a1b9a",
        ["led"] = "#2e7d32",
        ["supply"] = "#00838f",
    };

    private readonly Board _board;
    private readonly IReadOnlyDictionary<string, int> _pins;
    private readonly SensorNode _node;
    private readonly StringBuilder _wires = new();
    private readonly StringBuilder _boxes = new();
    private readonly Dictionary<bool, int> _lanes = new() { [true] = 0, [false] = 0 };

    private WiringDrawing(Board board, SensorNode node)
    {
        _board = board;
        _node = node;
        _pins = node.Pins[board.Name];
    }

    public static string Draw(Board board, SensorNode node) => new WiringDrawing(board, node).Draw();

    private string Draw()
    {
        var rows = Math.Max(_board.Headers.Left.Count, _board.Headers.Right.Count);
        var bottom = PinY(rows - 1) + 60;
        DrawBoard(bottom);
        PowerBoard();
        foreach (var left in (bool[])[true, false])
        {
            var next = FirstPin - 30;
            foreach (var part in _node.Parts.Where(p => IsLeft(p) == left).OrderBy(FirstSignalRow))
                next = DrawPart(part, left, next);
            bottom = Math.Max(bottom, next);
        }

        var height = bottom + 30;
        return $"""
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {Width} {height}" font-family="Helvetica, Arial, sans-serif" font-size="14">
            <rect width="{Width}" height="{height}" fill="#ffffff"/>
            <text x="{Margin}" y="34" font-size="20" font-weight="bold">Sensor node on {Escaped(_board.Title)}</text>
            <text x="{Margin}" y="56" fill="#555555">{Escaped(
                _board.Module
            )}, seen from above, USB socket at the bottom. Wires meet at dots, and cross without. Unplug USB before wiring.</text>
            {RailLines()}{_wires}{_boxes}</svg>

            """;
    }

    private static string RailLines()
    {
        var lines = new StringBuilder();
        foreach (var (name, rail) in Rails)
        {
            lines.Append(
                $"""
                <line x1="70" y1="{rail.Y}" x2="{Width
                    - Margin}" y2="{rail.Y}" stroke="{rail.Colour}" stroke-width="4"/>
                <text x="62" y="{rail.Y + 5}" text-anchor="end" font-weight="bold" fill="{rail.Colour}">{name}</text>

                """
            );
        }

        return lines.ToString();
    }

    private void DrawBoard(int bottom)
    {
        var middle = (BoardLeft + BoardRight) / 2;
        _boxes.Append(
            $"""
            <rect x="{BoardLeft}" y="{FirstPin - 70}" width="{BoardRight - BoardLeft}" height="{bottom
                - FirstPin
                + 70}" rx="8" fill="#eceff1" stroke="#455a64" stroke-width="2"/>
            <rect x="{middle - 60}" y="{FirstPin - 62}" width="120" height="30" fill="#cfd8dc" stroke="#455a64"/>
            <text x="{middle}" y="{FirstPin - 42}" text-anchor="middle" fill="#455a64">antenna</text>
            <rect x="{middle - 28}" y="{bottom - 34}" width="56" height="34" fill="#b0bec5" stroke="#455a64"/>
            <text x="{middle}" y="{bottom - 12}" text-anchor="middle" fill="#37474f">USB</text>
            <text transform="translate({middle + 5} {(FirstPin + bottom) / 2}) rotate(-90)" text-anchor="middle" font-weight="bold" fill="#455a64">{Escaped(_board.Name)}</text>

            """
        );
        for (var i = 0; i < _board.Headers.Left.Count; i++)
            DrawPin(_board.Headers.Left[i], i, left: true);
        for (var i = 0; i < _board.Headers.Right.Count; i++)
            DrawPin(_board.Headers.Right[i], i, left: false);
    }

    private void DrawPin(string name, int row, bool left)
    {
        var (x, y) = (left ? BoardLeft : BoardRight, PinY(row));
        var pin = int.TryParse(name, out var gpio) ? _board.Find(gpio) : null;
        var label = pin?.Label ?? name;
        var role = RoleOf(name);
        var used = role is not null || IsTaken(name, row, left);
        var colour = "#9e9e9e";
        if (used)
            colour = role is null ? Rails[name].Colour : Signals[role];
        // What must stay free says why, for whoever adds a part.
        var remark = role ?? pin?.Reserved ?? (pin?.Strapping is null ? "" : "strapping");
        var text = left ? $"{label}  {remark}" : $"{remark}  {label}";
        _boxes.Append(
            $"""
            <circle cx="{x}" cy="{y}" r="5" fill="{(used ? colour : "#ffffff")}" stroke="{colour}" stroke-width="2"/>
            <text x="{(left ? x + 12 : x - 12)}" y="{y + 5}" text-anchor="{(left ? "start" : "end")}" {(
                used ? $"fill=\"{colour}\" font-weight=\"bold\"" : "fill=\"#757575\""
            )}>{Escaped(text.Trim())}</text>

            """
        );
    }

    private void PowerBoard()
    {
        foreach (var rail in Rails.Keys)
        {
            var (row, left) = PowerPin(rail);
            ToRail(left ? BoardLeft : BoardRight, PinY(row), left, rail);
        }
    }

    /// <summary>The first pin of that name: one wire for each rail.</summary>
    private (int Row, bool Left) PowerPin(string rail)
    {
        var row = _board.Headers.Left.ToList().IndexOf(rail);
        return row >= 0 ? (row, true) : (_board.Headers.Right.ToList().IndexOf(rail), false);
    }

    private bool IsTaken(string label, int row, bool left) =>
        Rails.ContainsKey(label) && PowerPin(label) == (row, left);

    private static int PinY(int row) => FirstPin + row * PinStep;

    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);
}
