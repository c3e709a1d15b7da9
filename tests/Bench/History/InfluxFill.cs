using System.Diagnostics;
using IoTGateway.Bench.Influx;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.History;

/// <summary>Brings the house into InfluxDB, and waits until it has compacted it.</summary>
internal static class InfluxFill
{
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    public static async Task<StoredCost> RunAsync(InfluxStore influx, SinkFolder folder, HouseMonths months, int rows)
    {
        var requests = Requests(folder, months, rows);
        var cpu = influx.CpuSeconds();
        var took = await Ceiling.MeasureAsync(influx, requests, gzip: true, connections: 4);
        var bytes = await SizeAsync(influx.Folder);
        return new StoredCost(influx.Name, months.Readings(rows), bytes, took.TotalSeconds, influx.CpuSeconds() - cpu);
    }

    private static List<byte[]> Requests(SinkFolder folder, HouseMonths months, int rows)
    {
        var encoder = new BatchLines(folder);
        var requests = new List<byte[]>();
        foreach (var batch in months.Batches(0, rows, folder.CatalogHash))
        {
            encoder.Encode(batch);
            requests.Add(LineSource.Compress(encoder.Lines.Slice(0, encoder.Lines.Lines).Span));
        }
        return requests;
    }

    /// <summary>Bytes of all its files, once they have stopped to change.</summary>
    private static async Task<long> SizeAsync(string folder)
    {
        var all = Stopwatch.StartNew();
        var since = Stopwatch.StartNew();
        var bytes = 0L;
        while (since.Elapsed < Settled && all.Elapsed < Longest)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);
            var now = await DiskUsage.OfAsync(folder);
            if (now != bytes)
                since.Restart();
            bytes = now;
        }
        return bytes;
    }
}
