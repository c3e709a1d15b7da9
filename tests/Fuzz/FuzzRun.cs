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

/// <summary>Feeds mutated vectors, bodies of requests and random bytes to the decoder.</summary>
internal static class FuzzRun
{
    public static FuzzReport Run(long count, int seed)
    {
        var vectors = VectorFile.Load();
        var bodies = BodyFile.Load().All.Select(body => Convert.FromHexString(body.Hex));
        byte[][] corpus = [.. vectors.All.Select(vector => vector.Bytes), .. bodies];
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
            var isMessage = from >= 0 && from < catalogs.Length;
            var catalog = isMessage && catalogs[from].Sensors.Count > 0 ? catalogs[from] : fallback;
            bytes += message.Length;
            failure = isMessage
                ? Feed(message, catalog, block, counts)
                : FeedBody(message, catalog, block) ?? Feed(message, catalog, block, counts);
        }
        return new FuzzReport(counts, bytes, Stopwatch.GetElapsedTime(started), failure);
    }

    /// <summary>As the body of a request: what is found in it must be all of it, in order.</summary>
    private static string? FeedBody(ReadOnlySpan<byte> body, Catalog catalog, RowBlock block)
    {
        var messages = new Range[ProtocolLimits.MessagesPerBody];
        if (!MessageBody.TryRead(body, ProtocolLimits.MessageBytes, messages, out var count, out _))
            return null;
        var counts = new long[Enum.GetValues<DecodeError>().Length];
        var end = 0;
        for (var i = 0; i < count; i++)
        {
            var (start, length) = messages[i].GetOffsetAndLength(body.Length);
            if (start <= end || length is < 1 or > ProtocolLimits.MessageBytes)
                return $"{Convert.ToHexStringLower(body)}\nMessage {i} was found at {messages[i]}, after {end}.";
            end = start + length;
            if (Feed(body[messages[i]], catalog, block, counts) is { } failure)
                return failure;
        }
        return end == body.Length ? null : $"{Convert.ToHexStringLower(body)}\nOnly {end} bytes of it were read.";
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
