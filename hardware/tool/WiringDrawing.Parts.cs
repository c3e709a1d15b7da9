namespace IoTGateway.Hardware;

/// <summary>The parts beside the board, and the wires that go to them.</summary>
internal sealed partial class WiringDrawing
{
    private int DrawPart(Part part, bool left, int atLeast)
    {
        var wanted = PinY(FirstSignalRow(part)) - PartHead - TerminalStep;
        var top = Math.Max(atLeast, wanted);
        var height = PartHead + part.Terminals.Count * TerminalStep;
        var x = left ? Margin : Width - Margin - PartWidth;
        _boxes.Append(
            $"""
            <rect x="{x}" y="{top}" width="{PartWidth}" height="{height}" rx="6" fill="#fffde7" stroke="#6d4c41" stroke-width="2"/>
            <text x="{x + PartWidth / 2}" y="{top + 22}" text-anchor="middle" font-weight="bold">{Escaped(part.Title)}</text>
            <text x="{x + PartWidth / 2}" y="{top + 40}" text-anchor="middle" font-size="12" fill="#555555">{Escaped(
                part.Note
            )}</text>

            """
        );
        for (var i = 0; i < part.Terminals.Count; i++)
            DrawTerminal(part.Terminals[i], left, top + PartHead + 10 + i * TerminalStep);
        return top + height + 40;
    }

    private void DrawTerminal(Terminal terminal, bool left, int y)
    {
        var x = left ? Margin + PartWidth : Width - Margin - PartWidth;
        var colour = Rails.TryGetValue(terminal.To, out var rail) ? rail.Colour : Signals[terminal.To];
        _boxes.Append(
            $"""
            <circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>
            <text x="{(left ? x - 12 : x + 12)}" y="{y + 5}" text-anchor="{(left ? "end" : "start")}">{Escaped(
                terminal.Label
            )}</text>

            """
        );
        if (Rails.ContainsKey(terminal.To))
            ToRail(x, y, !left, terminal.To);
        else
            ToPin(x, y, terminal.To);
    }

    private void ToRail(int x, int y, bool goesLeft, string rail)
    {
        var (railY, colour) = Rails[rail];
        var lane = Lane(isLeft: x < Width / 2);
        _wires.Append(
            $"""
            <path d="M{x} {y} H{lane} V{railY}" fill="none" stroke="{colour}" stroke-width="2.5"/>
            <circle cx="{lane}" cy="{railY}" r="5" fill="{colour}"/>

            """
        );
    }

    private void ToPin(int x, int y, string role)
    {
        var (row, left) = SignalPin(role);
        var lane = Lane(left);
        _wires.Append(
            $"""
            <path d="M{x} {y} H{lane} V{PinY(
                row
            )} H{(left ? BoardLeft : BoardRight)}" fill="none" stroke="{Signals[role]}" stroke-width="2.5"/>

            """
        );
    }

    /// <summary>Each wire has a column of its own between board and parts, so that none lies upon another.</summary>
    private int Lane(bool isLeft)
    {
        var lane = ++_lanes[isLeft];
        return isLeft ? BoardLeft - 8 - lane * LaneStep : BoardRight + 8 + lane * LaneStep;
    }

    private bool IsLeft(Part part) => SignalPin(Signal(part)).Left;

    private int FirstSignalRow(Part part) =>
        part.Terminals.Where(t => Signals.ContainsKey(t.To)).Min(t => SignalPin(t.To).Row);

    private static string Signal(Part part) => part.Terminals.First(t => Signals.ContainsKey(t.To)).To;

    private (int Row, bool Left) SignalPin(string role)
    {
        var label = _pins[role].ToString();
        var row = _board.Headers.Left.ToList().IndexOf(label);
        return row >= 0 ? (row, true) : (_board.Headers.Right.ToList().IndexOf(label), false);
    }

    private string? RoleOf(string label) => _pins.FirstOrDefault(p => p.Value.ToString() == label).Key;
}
