using System.Text;
using IoTGateway.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Journal;

/// <summary>A journal in a folder of its own, which goes with it.</summary>
internal sealed class JournalBed : IAsyncDisposable
{
    public JournalOptions Options { get; } =
        new()
        {
            Path = Directory.CreateTempSubdirectory("journal").FullName,
            KeepBytes = 0,
            Gather = TimeSpan.Zero,
        };

    public FakeTimeProvider Time { get; } = new();

    public FaultyStorage Storage { get; set; } = new();

    /// <summary>The open one; <see cref="Open"/> first.</summary>
    public TelemetryJournal Journal { get; private set; } = null!;

    public string[] SegmentFiles => [.. Directory.GetFiles(Options.Path, "*.seg").Order(StringComparer.Ordinal)];

    public TelemetryJournal Open(bool realDisk = false) =>
        Journal = TelemetryJournal.Open(
            Options,
            Time,
            NullLogger<TelemetryJournal>.Instance,
            realDisk ? new DiskStorage() : Storage
        );

    public async Task<TelemetryJournal> ReopenAsync()
    {
        await Journal.DisposeAsync();
        Storage.Dispose();
        Storage = new FaultyStorage();
        return Open();
    }

    /// <summary>Segments so small that every few messages start a new one.</summary>
    public JournalBed WithSegments(int bytes)
    {
        Options.SegmentBytes = bytes;
        return this;
    }

    public static JournalEntry Entry(string device, uint epoch, uint sequence) =>
        new(device, 1_700_000_000_000 + sequence, 0xCAFE, -7, epoch, sequence);

    public static byte[] Body(uint sequence, int length = 40) =>
        Encoding.ASCII.GetBytes($"\x03 body {sequence} ".PadRight(length, '.'));

    /// <summary>Queues a message; the inner task completes with its acknowledgement.</summary>
    public async Task<Task> QueueAsync(string device, uint epoch, uint sequence, int length = 40)
    {
        var acknowledged = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Journal.AppendAsync(
            Entry(device, epoch, sequence),
            Body(sequence, length),
            (_, _) => acknowledged.TrySetResult(),
            TestContext.Current.CancellationToken
        );
        return acknowledged.Task;
    }

    /// <inheritdoc cref="QueueAsync"/>
    public async Task<Task[]> QueueRangeAsync(string device, uint epoch, uint first, uint last)
    {
        var acknowledged = new List<Task>();
        for (var sequence = first; sequence <= last; sequence++)
            acknowledged.Add(await QueueAsync(device, epoch, sequence));
        return [.. acknowledged];
    }

    /// <summary>
    /// Opens a journal whose messages wait for each other, and that has synced one of the device <c>pump</c>; since then so
    /// many times <see cref="JournalOptions.Gather"/> have passed.
    /// </summary>
    public async Task GatherAsync(int parts)
    {
        Options.Gather = TimeSpan.FromMilliseconds(4);
        Open();
        await AppendAsync("pump", 1, 1);
        await Time.TimerArmedAsync().WaitAsync(TestContext.Current.CancellationToken);
        for (var part = 0; part < parts; part++)
        {
            Time.Advance(Options.Gather);
            await Time.TimerArmedAsync().WaitAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Returns when the message is acknowledged: each has a batch of its own.</summary>
    public async Task AppendAsync(string device, uint epoch, uint sequence, int length = 40) =>
        await (await QueueAsync(device, epoch, sequence, length)).WaitAsync(TestContext.Current.CancellationToken);

    public async Task AppendRangeAsync(string device, uint epoch, uint first, uint last, int length = 40)
    {
        for (var sequence = first; sequence <= last; sequence++)
            await AppendAsync(device, epoch, sequence, length);
    }

    /// <summary>Everything there is, oldest first; checks each body.</summary>
    public List<(string Device, uint Epoch, uint Sequence)> ReadAll()
    {
        using var reader = new JournalReader(
            new SegmentList(Segments()),
            new DurableEnd(Journal.DurableEnd.Value),
            Damages,
            0
        );
        var batch = new JournalBatch();
        var read = new List<(string, uint, uint)>();
        while (reader.Position < Journal.DurableEnd.Value)
        {
            reader.Read(batch, 1 << 16);
            foreach (var record in batch.Records)
            {
                Assert.Equal(Body(record.Sequence, record.Body.Length), record.Body.ToArray());
                Assert.Equal(1_700_000_000_000 + record.Sequence, record.ReceivedUnixMs);
                Assert.Equal((0xCAFEu, -7L), (record.CatalogHash, record.ClockOffsetMs));
                read.Add((record.Device, record.Epoch, record.Sequence));
            }
        }
        return read;
    }

    /// <summary>What <see cref="ReadAll"/> met.</summary>
    public DamageLog Damages { get; } = new();

    public async ValueTask DisposeAsync()
    {
        Storage.LetSyncsFinish();
        if (Journal is not null)
            await Journal.DisposeAsync();
        Storage.Dispose();
        Directory.Delete(Options.Path, recursive: true);
    }

    private IEnumerable<Segment> Segments()
    {
        foreach (var path in SegmentFiles)
            if (Segment.TryParseStart(path, out var start))
                yield return new Segment(path, start, start + new FileInfo(path).Length);
    }
}
