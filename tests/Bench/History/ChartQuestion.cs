using System.Globalization;
using System.Text.Json;

namespace IoTGateway.Bench.History;

/// <summary>One field over a time, as a chart asks for it.</summary>
/// <param name="Name">How the table calls it.</param>
/// <param name="FromMs">Unix milliseconds.</param>
/// <param name="ToMs">Unix milliseconds, inclusive.</param>
/// <param name="Rows">Rows that there are in it.</param>
internal sealed record ChartQuestion(string Name, long FromMs, long ToMs, int Rows)
{
    public const int Points = 500;

    /// <summary>To the gateway's API.</summary>
    public string GatewayPath(int device) =>
        $"/api/devices/{HouseMonths.Name(device)}/readings?measurement=room1&field=temperature&from={FromMs}&to={ToMs}&points={Points}";

    /// <summary>To InfluxDB: the rows as they are where they are few enough, else lowest and highest of each step.</summary>
    public string InfluxQuery(int device)
    {
        var where = $"FROM room1 WHERE device='{HouseMonths.Name(device)}' AND time >= {FromMs}ms AND time <= {ToMs}ms";
        if (Rows <= Points)
            return $"SELECT temperature {where}";
        var step = ((ToMs - FromMs) / (Points / 2)) + 1;
        return $"SELECT min(temperature), max(temperature) {where} GROUP BY time({step}ms) fill(none)";
    }

    /// <summary>Values in an answer of the gateway.</summary>
    public static double[] OfGateway(string json)
    {
        using var answer = JsonDocument.Parse(json);
        return [.. answer.RootElement.GetProperty("points").EnumerateArray().Select(point => point[1].GetDouble())];
    }

    /// <summary>Values in an answer of InfluxDB.</summary>
    public static double[] OfInflux(string json)
    {
        using var answer = JsonDocument.Parse(json);
        var rows = answer.RootElement.GetProperty("results")[0].GetProperty("series")[0].GetProperty("values");
        return
        [
            .. rows.EnumerateArray()
                .SelectMany(row => row.EnumerateArray().Skip(1))
                .Select(value => double.Parse(value.GetRawText(), CultureInfo.InvariantCulture)),
        ];
    }
}
