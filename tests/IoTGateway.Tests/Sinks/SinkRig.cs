using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;
using IoTGateway.Sinks;
using IoTGateway.Sinks.History;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>A data folder with a journal, catalogs and a device that has something to say.</summary>
internal sealed class SinkRig : IAsyncDisposable
{
    public const string Device = "porch.7";
    public const long Start = 1_700_000_000_000;

    public static readonly SensorDescription Climate = new(
        3,
        "room climate",
        [
            new FieldDescription("temperature", "Cel", FieldType.Decimal, -2),
            new FieldDescription("humidity", "%RH", FieldType.Decimal, -1),
        ]
    );

    public static readonly SensorDescription Fan = new(
        9,
        "fan",
        [
            new FieldDescription("speed", "m/s", FieldType.Float32, 0),
            new FieldDescription("on", "", FieldType.Boolean, 0),
            new FieldDescription("energy", "J", FieldType.Decimal, 3),
        ]
    );

    /// <summary>Names and numbers that a text format stumbles over.</summary>
    public static readonly SensorDescription Odd = new(
        63,
        "a=b, c\\d 'größe' #1",
        [
            new FieldDescription("x,y z=w", "", FieldType.Float32, 0),
            new FieldDescription("large", "", FieldType.Decimal, 18),
            new FieldDescription("small'er", "", FieldType.Decimal, -18),
        ]
    );

    public static readonly Catalog Catalog = new([Climate, Fan, Odd], []);

    private readonly WireWriter _writer = new();
    private readonly List<(JournalEntry Entry, byte[] Body)> _messages = [];
    private uint _sequence;

    public SinkRig()
    {
        Folder = Directory.CreateTempSubdirectory("iotgw-sinks-").FullName;
        Catalogs = new CatalogStore(new ControlDatabase(Folder));
        Catalog.Write(_writer);
        // Nobody else writes to the file: it is kept without any waiting.
        CatalogHash =
            Catalogs
                .KeepAsync(Device, Catalog, _writer.ToArray(), CancellationToken.None)
                .AsTask()
                .GetAwaiter()
                .GetResult()
            ?? 0;
        Rejected = new RejectedRows(Folder, TimeProvider.System, NullLogger.Instance);
        OpenJournal();
    }

    /// <summary>The history in a folder.</summary>
    public static HistoryDatabase History(string folder) => new(folder, TimeProvider.System, NullLogger.Instance);

    public string Folder { get; }
    public CatalogStore Catalogs { get; }
    public uint CatalogHash { get; }
    public RejectedRows Rejected { get; }
    public TelemetryJournal Journal { get; private set; } = null!; // Set by OpenJournal.

    /// <summary>Every value sent so far: (measurement, field, ms) to value; a repeat replaces.</summary>
    public Dictionary<(string Measurement, string Field, long UnixMs), double> Sent { get; } = [];

    public void OpenJournal() =>
        Journal = TelemetryJournal.Open(
            new JournalOptions { Path = Path.Combine(Folder, "journal") },
            TimeProvider.System,
            NullLogger<TelemetryJournal>.Instance
        );

    /// <summary>A climate row every interval, now and then without humidity, never the same twice.</summary>
    public RowBlock ClimateRows(int rows, long firstMs, long intervalMs = 1000, int seed = 1)
    {
        var block = new RowBlock();
        block.Reset(Climate, rows);
        var random = new Random(seed);
        for (var row = 0; row < rows; row++)
        {
            block.Times[row] = firstMs + (row * intervalMs);
            block.Set(0, row, 2137 + random.Next(-3000, 500));
            if (random.Next(10) != 0)
                block.Set(1, row, 400 + random.Next(100));
        }
        return block;
    }

    public RowBlock FanRows(int rows, long firstMs)
    {
        var block = new RowBlock();
        block.Reset(Fan, rows);
        for (var row = 0; row < rows; row++)
        {
            block.Times[row] = firstMs + (row * 777);
            block.Set(0, row, FieldValue.FromSingle(row % 5 == 0 ? -0f : 1e-7f * row * (float)Math.PI * 1e5f));
            block.Set(1, row, row % 2);
            if (row % 3 == 0)
                block.Set(2, row, row - 5);
        }
        return block;
    }

    public RowBlock OddRows(long firstMs)
    {
        float[] floats = [float.MaxValue, float.MinValue, float.Epsilon, 1e20f, -1.5e-20f, 16_777_217f, 0.1f];
        long[] integers = [long.MaxValue, long.MinValue, 0, 1, -1, 999_999_999_999_999, 123];
        var block = new RowBlock();
        block.Reset(Odd, floats.Length);
        for (var row = 0; row < floats.Length; row++)
        {
            block.Times[row] = firstMs + row;
            block.Set(0, row, FieldValue.FromSingle(floats[row]));
            block.Set(1, row, integers[row]);
            block.Set(2, row, integers[row]);
        }
        return block;
    }

    /// <summary>Makes a TELEMETRY of blocks and remembers its values.</summary>
    public byte[] Telemetry(params RowBlock[] blocks)
    {
        var baseMs = blocks.Min(block => block.Times[0]);
        _writer.Clear();
        new TelemetryHeader(1, ++_sequence, ClockKind.Unix, baseMs, blocks.Length).Write(_writer);
        foreach (var block in blocks)
        {
            BlockEncoder.Write(_writer, block, baseMs);
            Remember(block);
        }
        return _writer.ToArray();
    }

    /// <summary>Puts a message into the journal; on disk when done.</summary>
    public async Task AppendAsync(byte[] body, string device = Device)
    {
        var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Epoch 0: not deduplicated, so that repeats reach the sink.
        var entry = new JournalEntry(device, Start, CatalogHash, 0, 0, 0);
        await Journal.AppendAsync(entry, body, (_, _) => durable.TrySetResult(), TestContext.Current.CancellationToken);
        _messages.Add((entry, body));
        await durable.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    /// <summary>A batch as a cursor would read it, made of bodies.</summary>
    public JournalBatch Batch(params ReadOnlySpan<byte[]> bodies) => Batch(0, bodies);

    public JournalBatch Batch(long clockOffsetMs, ReadOnlySpan<byte[]> bodies)
    {
        var batch = new JournalBatch();
        foreach (var body in bodies)
        {
            var offset = new JournalOffset(_offset++);
            batch.Add(new JournalRecord(offset, Device, Start, CatalogHash, clockOffsetMs, 1, 1, body));
        }
        batch.End = new JournalOffset(_offset);
        return batch;
    }

    private long _offset = 1;

    public SinkRunner Runner(ISink sink) =>
        new(
            sink,
            Journal,
            new DeviceStatuses(),
            new SinkRunnerOptions
            {
                BatchBytes = 64 * 1024,
                Linger = TimeSpan.FromMilliseconds(5),
                FirstRetry = TimeSpan.FromMilliseconds(20),
                LongestRetry = TimeSpan.FromMilliseconds(50),
            },
            TimeProvider.System,
            NullLogger<SinkRunner>.Instance
        );

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, $"Not within 30 s: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(Folder, recursive: true);
    }

    private void Remember(RowBlock block)
    {
        for (var row = 0; row < block.Rows; row++)
        {
            for (var field = 0; field < block.Sensor.Fields.Length; field++)
            {
                var key = (block.Sensor.Measurement, block.Sensor.Fields[field].Name, block.Times[row]);
                if (block.IsPresent(field, row))
                    Sent[key] = FieldValue.ToDouble(block.Sensor.Fields[field], block.Raw(field, row));
            }
        }
    }
}
