using System.Net;
using IoTGateway.Bench.Ingest;
using IoTGateway.Sinks.Influx;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.Influx;

/// <summary>What one core makes of journal records.</summary>
/// <param name="Work">How far it goes.</param>
/// <param name="RowsPerSecond">Per second of a core.</param>
/// <param name="BytesPerRow">Of what comes out.</param>
internal sealed record EncodingCost(string Work, double RowsPerSecond, double BytesPerRow)
{
    private const int Messages = 2_500;

    /// <summary>Measures, and prints the table.</summary>
    public static async Task<EncodingCost[]> PrintAsync(
        Report report,
        LineSource source,
        SinkFolder folder,
        TimeSpan duration
    )
    {
        EncodingCost[] costs = [Encode(source, folder, duration), await CompressAsync(source, folder, duration)];
        var table = report.Table(
            "work",
            "rows/s of a core",
            "readings/s of a core",
            "CPU s per million readings",
            "bytes a row"
        );
        foreach (var cost in costs)
            table.Row(
                $"{cost.Work}",
                $"{cost.RowsPerSecond:N0}",
                $"{cost.RowsPerSecond * Payload.FieldsPerRow:N0}",
                $"{1e6 / cost.RowsPerSecond / Payload.FieldsPerRow:F3}",
                $"{cost.BytesPerRow:F1}"
            );
        return costs;
    }

    private static EncodingCost Encode(LineSource source, SinkFolder folder, TimeSpan duration)
    {
        var encoder = new BatchLines(folder);
        var batch = source.Batch(Messages, folder.CatalogHash);
        encoder.Encode(batch);
        var before = Environment.CpuUsage.TotalTime;
        long rows = 0;
        do
        {
            encoder.Encode(batch);
            rows += encoder.Lines.Lines;
        } while (Environment.CpuUsage.TotalTime - before < duration);
        return Of("records to lines", rows, before, (double)encoder.Lines.Length / encoder.Lines.Lines);
    }

    /// <summary>The sink itself, with a database on another machine that says 204 to everything.</summary>
    private static async Task<EncodingCost> CompressAsync(LineSource source, SinkFolder folder, TimeSpan duration)
    {
        var yes = new YesHandler();
        using var sink = new InfluxSink(
            new InfluxOptions { Url = "http://influx.test", Bucket = "b" },
            folder.Catalogs,
            folder.Rejected,
            TimeProvider.System,
            NullLogger<InfluxSink>.Instance,
            yes
        );
        var batch = source.Batch(Messages, folder.CatalogHash);
        await sink.WriteAsync(batch, CancellationToken.None);
        var before = Environment.CpuUsage.TotalTime;
        var (rows, bytes) = (sink.Counters.Rows, yes.Bytes);
        do await sink.WriteAsync(batch, CancellationToken.None);
        while (Environment.CpuUsage.TotalTime - before < duration);
        rows = sink.Counters.Rows - rows;
        return Of("records to compressed requests", rows, before, (double)(yes.Bytes - bytes) / rows);
    }

    private static EncodingCost Of(string work, long rows, TimeSpan before, double bytesPerRow) =>
        new(work, rows / (Environment.CpuUsage.TotalTime - before).TotalSeconds, bytesPerRow);

    private sealed class YesHandler : HttpMessageHandler
    {
        private long _bytes;

        public long Bytes => Interlocked.Read(ref _bytes);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
        {
            Interlocked.Add(ref _bytes, request.Content?.Headers.ContentLength ?? 0);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NoContent));
        }
    }
}
