using System.Diagnostics;

namespace IoTGateway.Bench.History;

/// <summary>How long a server took to answer a question, over HTTP.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Question">Its name.</param>
/// <param name="FirstMs">The first answer after a start, with nothing of the files in memory.</param>
/// <param name="ColdMs">The next: of a device nobody has asked for.</param>
/// <param name="WarmMs">Median when the same is asked again.</param>
/// <param name="Values">How many there were in the answer.</param>
/// <param name="Lowest">Of them.</param>
/// <param name="Highest">Of them.</param>
internal sealed record ChartTimes(
    string Server,
    string Question,
    double FirstMs,
    double ColdMs,
    double WarmMs,
    int Values,
    double Lowest,
    double Highest
)
{
    private const int Warm = 51;

    /// <summary>Asks a server that was just started.</summary>
    public static async Task<ChartTimes> MeasureAsync(
        string server,
        ChartQuestion question,
        Func<int, Task<string>> ask,
        Func<string, double[]> values
    )
    {
        var (first, _) = await TimeAsync(() => ask(1));
        var (cold, answer) = await TimeAsync(() => ask(2));
        var warm = new double[Warm];
        for (var i = 0; i < Warm; i++)
            (warm[i], answer) = await TimeAsync(() => ask(2));
        Array.Sort(warm);
        var got = values(answer);
        return new ChartTimes(server, question.Name, first, cold, warm[Warm / 2], got.Length, got.Min(), got.Max());
    }

    private static async Task<(double Ms, string Answer)> TimeAsync(Func<Task<string>> ask)
    {
        var clock = Stopwatch.StartNew();
        var answer = await ask();
        return (clock.Elapsed.TotalMilliseconds, answer);
    }
}
