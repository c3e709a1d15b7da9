namespace IoTGateway.Sinks.Table;

/// <summary><c>Table:*</c>: the database that takes the rows.</summary>
internal sealed class TableOptions
{
    /// <summary>A SQLite file with the table in it; the sink is off without it.</summary>
    public string File { get; set; } = string.Empty;

    public bool IsOn => File.Length > 0;

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.That(
                !IsOn || System.IO.File.Exists(File),
                $"Table:File is '{File}': give a SQLite file that has the table 'readings'."
            )
        );
}
