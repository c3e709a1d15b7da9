using IoTGateway.Bench.Ingest;
using IoTGateway.Sinks.Influx;

namespace IoTGateway.Bench.Influx;

/// <summary>What it cost to bring lines to a database.</summary>
/// <param name="Database">Its name.</param>
/// <param name="Way">Who sent them.</param>
/// <param name="IsGateway">The gateway, and not a client that has all requests ready.</param>
/// <param name="LinesPerSecond">From the first byte to the last answer.</param>
/// <param name="OfCeiling">Share of the ceiling.</param>
/// <param name="SenderCpu">CPU seconds per million readings, of the sender.</param>
/// <param name="DatabaseCpu">The same, of the database.</param>
/// <param name="Missing">Lines sent and not in the database.</param>
internal sealed record DeliveryCost(
    string Database,
    string Way,
    bool IsGateway,
    double LinesPerSecond,
    double OfCeiling,
    double SenderCpu,
    double DatabaseCpu,
    long Missing
)
{
    /// <summary>Of the same way, several times as many lines: all of them in all of the time.</summary>
    public static DeliveryCost Mean(IReadOnlyCollection<DeliveryCost> costs) =>
        costs.First() with
        {
            LinesPerSecond = costs.Count / costs.Sum(cost => 1 / cost.LinesPerSecond),
            SenderCpu = costs.Average(cost => cost.SenderCpu),
            DatabaseCpu = costs.Average(cost => cost.DatabaseCpu),
            Missing = costs.Sum(cost => cost.Missing),
        };
}

/// <summary>Brings lines to one database in different ways.</summary>
internal sealed class Delivery(LineStore database, LineSource source, SinkFolder folder)
{
    private readonly BatchLines _encoder = new(folder);
    private long _sent;

    /// <summary>A client that has all requests ready and only sends.</summary>
    public async Task<DeliveryCost> CeilingAsync(int lines, bool gzip, int connections)
    {
        const int Each = InfluxSink.LinesPerRequest;
        var requests = source.Requests(lines / Each, Each, _encoder, gzip);
        var form = gzip ? "gzip" : "plain";
        return await MeasureAsync(
            $"prebuilt, {form}, {connections} at a time",
            isGateway: false,
            requests.Count * Each,
            () => Ceiling.MeasureAsync(database, requests, gzip, connections)
        );
    }

    /// <summary>The gateway's sink, out of a journal that is full.</summary>
    public async Task<DeliveryCost> GatewayAsync(int lines)
    {
        var messages = lines / Payload.RowsPerMessage;
        var url = new Uri(database.WriteUrl.GetLeftPart(UriPartial.Authority));
        var isOne = database.WriteUrl.AbsolutePath == "/write";
        var options = new InfluxOptions
        {
            Url = url.ToString(),
            Version = isOne ? 1 : 2,
            Database = "bench",
            Bucket = "b",
        };
        await using var drain = await SinkDrain.FillAsync(folder, source, messages);
        return await MeasureAsync(
            "the gateway, out of its journal",
            isGateway: true,
            messages * Payload.RowsPerMessage,
            () => drain.RunAsync(options)
        );
    }

    /// <summary>Lines sent in all ways, and not in the database.</summary>
    public async Task<long> MissingAsync() => _sent - await database.CountAsync();

    /// <summary>Until the database has done with what it got, or some seconds.</summary>
    public async Task UntilIdleAsync()
    {
        const int Looks = 20;
        const double Idle = 0.02;
        var before = database.CpuSeconds();
        for (var look = 0; look < Looks; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System, CancellationToken.None);
            var now = database.CpuSeconds();
            if (now - before <= Idle)
                return;
            before = now;
        }
    }

    private async Task<DeliveryCost> MeasureAsync(string way, bool isGateway, int lines, Func<Task<TimeSpan>> send)
    {
        GC.Collect();
        var (senderCpu, databaseCpu) = (Environment.CpuUsage.TotalTime, database.CpuSeconds());
        var took = await send();
        _sent += lines;
        var readings = lines * (double)Payload.FieldsPerRow / 1e6;
        return new DeliveryCost(
            database.Name,
            way,
            isGateway,
            lines / took.TotalSeconds,
            1,
            (Environment.CpuUsage.TotalTime - senderCpu).TotalSeconds / readings,
            (database.CpuSeconds() - databaseCpu) / readings,
            0
        );
    }
}
