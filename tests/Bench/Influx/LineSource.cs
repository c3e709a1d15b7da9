using System.IO.Compression;
using IoTGateway.Bench.Ingest;
using IoTGateway.Journal;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Bench.Influx;

/// <summary>
/// The messages of many devices, one of each in turn, with times that never come twice; and the same rows as requests,
/// made before, for a database that shall show how much it takes.
/// </summary>
internal sealed class LineSource(int devices)
{
    private readonly IotgwUplink[] _uplinks =
    [
        .. Enumerable
            .Range(0, devices)
            .Select(_ => new IotgwUplink(TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds())),
    ];
    private int _next;

    /// <summary>The ids of all devices.</summary>
    public IEnumerable<string> Devices => Enumerable.Range(0, devices).Select(Name);

    /// <summary>The next message, with its place in the order of all; the body is valid until the device's next one.</summary>
    public (string Device, uint Sequence, byte[] Body) Next()
    {
        var device = _next++ % devices;
        var body = _uplinks[device].Next().ToArray();
        return (Name(device), _uplinks[device].Sent, body);
    }

    /// <summary>A batch as a sink gets it from the journal.</summary>
    public JournalBatch Batch(int messages, uint catalog)
    {
        var batch = new JournalBatch();
        for (var i = 0; i < messages; i++)
        {
            var (device, sequence, body) = Next();
            batch.Add(new JournalRecord(new JournalOffset(i + 1), device, 0, catalog, 0, 1, sequence, body));
        }
        batch.End = new JournalOffset(messages + 1);
        return batch;
    }

    /// <summary>Requests of so many lines each, as the gateway would write them.</summary>
    public List<byte[]> Requests(int requests, int linesEach, BatchLines encoder, bool gzip)
    {
        var made = new List<byte[]>(requests);
        for (var i = 0; i < requests; i++)
        {
            encoder.Encode(Batch(linesEach / Payload.RowsPerMessage, encoder.CatalogHash));
            var lines = encoder.Lines.Slice(0, encoder.Lines.Lines);
            made.Add(gzip ? Compress(lines.Span) : lines.ToArray());
        }
        return made;
    }

    /// <summary>As the gateway compresses them.</summary>
    public static byte[] Compress(ReadOnlySpan<byte> lines)
    {
        var compressed = new MemoryStream();
        using (var stream = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(lines);
        return compressed.ToArray();
    }

    private static string Name(int device) => $"bench-{device:D5}";
}
