using System.CommandLine;
using System.Globalization;
using IoTGateway.Tests;

namespace IoTGateway.Bench;

/// <summary>
/// Four and a half months of a real house, a row every 10 minutes (L. Candanedo et al., "Data driven prediction models of
/// energy use of appliances in a low-energy house", 2017; CC BY 4.0). All values are whole hundredths.
/// </summary>
/// <param name="Columns">Header of each value column.</param>
/// <param name="Times">Unix milliseconds of each row.</param>
/// <param name="Hundredths">Values × 100, by column, then row.</param>
internal sealed record HouseData(string[] Columns, long[] Times, long[][] Hundredths)
{
    /// <summary>Where the data lies when nobody says otherwise: beside the repository.</summary>
    public static string DefaultPath => Path.Combine(RepositoryRoot.Path, "..", "shared", "data", "house-sensors.csv");

    /// <summary>Where a verb finds the data.</summary>
    public static Option<FileInfo> PathOption() =>
        new("--data") { Description = "The house's CSV", DefaultValueFactory = _ => new FileInfo(DefaultPath) };

    /// <summary>Reads it, or says that it is not there.</summary>
    public static HouseData? TryLoad(FileInfo data)
    {
        if (data.Exists)
            return Load(data.FullName);
        Console.Error.WriteLine($"No data at {data.FullName}: give the CSV's path with --data.");
        return null;
    }

    /// <summary>Reads the CSV: Unix seconds first, then values of at most two decimals.</summary>
    public static HouseData Load(string path)
    {
        var lines = File.ReadAllLines(path);
        var columns = lines[0].Split(',')[1..];
        var times = new long[lines.Length - 1];
        var hundredths = columns.Select(_ => new long[times.Length]).ToArray();
        for (var row = 0; row < times.Length; row++)
        {
            var cells = lines[row + 1].Split(',');
            times[row] = long.Parse(cells[0], CultureInfo.InvariantCulture) * 1000;
            for (var column = 0; column < columns.Length; column++)
                hundredths[column][row] = Hundredth(cells[column + 1], path, row);
        }
        return new HouseData(columns, times, hundredths);
    }

    private static long Hundredth(string cell, string path, int row)
    {
        var value = decimal.Parse(cell, CultureInfo.InvariantCulture) * 100;
        if (value != decimal.Truncate(value))
            throw new InvalidDataException($"{path}, row {row + 1}: {cell} has more than two decimals.");
        return (long)value;
    }
}
