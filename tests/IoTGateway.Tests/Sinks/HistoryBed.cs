using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>A history in a folder of its own, its sink, and eyes to look into the file.</summary>
internal sealed class HistoryBed : IAsyncDisposable
{
    public static readonly TimeSpan Forever = TimeSpan.FromDays(36_500);

    public HistoryBed() => Sink = Open(Forever);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public SinkRig Rig { get; } = new();

    public HistoryDamage Damage { get; } = new(NullLogger.Instance);

    public ManualClock Clock { get; } = new();

    public HistorySink Sink { get; private set; }

    public HistoryQuery Query => new(SinkRig.History(Rig.Folder), Damage);

    public async ValueTask DisposeAsync()
    {
        Sink.Dispose();
        await Rig.DisposeAsync();
    }

    /// <summary>What a power cut would leave, were everything written on disk.</summary>
    public string CopyOfTheDisk(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Rig.Folder, name)).FullName;
        foreach (
            var file in Directory
                .GetFiles(Rig.Folder, "history.db*")
                .Where(file => !file.EndsWith("-shm", StringComparison.Ordinal))
        )
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        return folder;
    }

    /// <summary>Goes on with a sink of another retention.</summary>
    public void Use(TimeSpan retention, TimeProvider? clock = null)
    {
        Sink.Dispose();
        Sink = Open(retention, null, clock);
    }

    public HistorySink Open(TimeSpan retention, string? folder = null, TimeProvider? clock = null) =>
        new(
            SinkRig.History(folder ?? Rig.Folder),
            new HistoryOptions { Retention = retention },
            Rig.Catalogs,
            Damage,
            clock ?? Clock,
            NullLogger<HistorySink>.Instance
        );

    public async Task WriteAsync(JournalBatch batch)
    {
        var verdict = await Sink.WriteAsync(batch, Token);
        Assert.True(verdict.Accepted, verdict.Reason);
    }

    public void Forget(string field)
    {
        foreach (var key in Rig.Sent.Keys.Where(key => key.Field == field).ToList())
            Rig.Sent.Remove(key);
    }

    public async Task AssertStoredAsync(string? only = null)
    {
        foreach (var field in Rig.Sent.GroupBy(pair => (pair.Key.Measurement, pair.Key.Field)))
        {
            if (only is not null && field.Key.Field != only)
                continue;
            var expected = field
                .OrderBy(pair => pair.Key.UnixMs)
                .Select(pair => new HistoryPoint(pair.Key.UnixMs, pair.Value));
            Assert.Equal(expected, await ReadAsync(field.Key.Field, field.Key.Measurement));
        }
    }

    public async Task<List<HistoryPoint>> ReadAsync(string field, string measurement = "room climate")
    {
        var points = new List<HistoryPoint>();
        await foreach (var run in Query.StreamAsync(SinkRig.Device, measurement, field, 0, long.MaxValue, Token))
            points.AddRange(run);
        return points;
    }

    public void AssertBlocksDoNotOverlap() =>
        Assert.Equal(
            0,
            Number(
                "SELECT count(*) FROM blocks a JOIN blocks b ON a.series = b.series AND a.first < b.first "
                    + "AND a.last >= b.first"
            )
        );

    public long Number(string sql)
    {
        using var connection = SinkRig.History(Rig.Folder).OpenReader();
        using var command = connection.Command(sql);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    public void Run(string sql)
    {
        using var connection = SinkRig.History(Rig.Folder).OpenWriter();
        connection.Execute(sql);
    }

    internal sealed class ManualClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => Now.UtcTicks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    }
}
