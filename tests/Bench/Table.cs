namespace IoTGateway.Bench;

/// <summary>A table of Markdown, printed row by row, while what it shows is measured.</summary>
internal sealed class Table
{
    private readonly int _columns;

    public Table(string[] columns)
    {
        _columns = columns.Length;
        Console.WriteLine();
        Console.WriteLine($"| {string.Join(" | ", columns)} |");
        Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", columns.Length - 1))}");
    }

    /// <summary>Prints a row; numbers in it are written the same everywhere.</summary>
    public void Row(params FormattableString[] cells)
    {
        if (cells.Length != _columns)
            throw new ArgumentException($"A row has {_columns} cells, not {cells.Length}.", nameof(cells));
        Console.WriteLine($"| {string.Join(" | ", cells.Select(FormattableString.Invariant))} |");
    }
}
