using System.Diagnostics;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Fuzz;

/// <summary>What a run saw.</summary>
/// <param name="Counts">Messages by what the decoder said, indexed by <see cref="DecodeError"/>.</param>
/// <param name="Bytes">Sum of their lengths.</param>
/// <param name="Elapsed">How long it took, mutation included.</param>
/// <param name="Failure">The exception and the message that caused it, or null.</param>
internal sealed record FuzzReport(long[] Counts, long Bytes, TimeSpan Elapsed, string? Failure);

/// <summary>Feeds mutated vectors and random bytes to the decoder.</summary>
internal static class FuzzRun
{
    public static FuzzReport Run(long count, int seed)
    {
        var vectors = VectorFile.Load();
        var corpus = vectors.All.Select(vector => vector.Bytes).ToArray();
        var catalogs = vectors.All.Select(vectors.CatalogOf).ToArray();
        var fallback = vectors.CatalogOf(vectors["telemetry-series-decimal"]);
        var mutator = new Mutator(new Random(seed), corpus);
        var block = new RowBlock();
        var counts = new long[Enum.GetValues<DecodeError>().Length];
        long bytes = 0;
        var started = Stopwatch.GetTimestamp();
        string? failure = null;
        for (long i = 0; i < count && failure is null; i++)
        {
            var message = mutator.Next(out var from);
            var catalog = from < 0 || catalogs[from].Sensors.Count == 0 ? fallback : catalogs[from];
            bytes += message.Length;
            failure = Feed(message, catalog, block, counts);
        }
        return new FuzzReport(counts, bytes, Stopwatch.GetElapsedTime(started), failure);
    }

    private static string? Feed(ReadOnlySpan<byte> message, Catalog catalog, RowBlock block, long[] counts)
    {
        try
        {
            counts[(int)AnyMessage.Read(message, catalog, block)]++;
            return null;
        }
        catch (Exception exception)
        {
            return $"{Convert.ToHexStringLower(message)}\n{exception}";
        }
    }
}
