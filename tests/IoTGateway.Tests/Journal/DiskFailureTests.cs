using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class DiskFailureTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_disk_stops_acknowledgements_and_they_go_on_when_there_is_space()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        bed.Storage.OnWrite = (_, _) => throw FullDevice();
        var held = await bed.QueueAsync("pump", 1, 2);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);

        Assert.False(held.IsCompleted);
        Assert.StartsWith("journal: disk full: No space left on device", bed.Journal.Health.Reason);
        Assert.Equal(1u, bed.Journal.LastSequence("pump", 1));
        Assert.Equal(1, bed.Journal.Counters.FailedWrites);

        bed.Storage.OnWrite = null;
        bed.Time.Advance(Second);
        await held.WaitAsync(Cancel);
        Assert.True(bed.Journal.Health.IsOk);
        Assert.Equal([1u, 2u], bed.ReadAll().Select(record => record.Sequence));
    }

    [Fact]
    public async Task After_a_failed_sync_the_batch_goes_to_a_new_segment()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        var end = bed.Journal.DurableEnd.Value;
        bed.Storage.OnSync = _ => throw new IOException("Input/output error", 5);
        var held = await bed.QueueAsync("pump", 1, 2);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);
        Assert.False(held.IsCompleted);
        Assert.StartsWith("journal: write failed: Input/output error", bed.Journal.Health.Reason);

        bed.Storage.OnSync = null;
        bed.Time.Advance(Second);
        await held.WaitAsync(Cancel);
        Assert.Equal(2, bed.SegmentFiles.Length);
        Assert.Equal(Segment.PathFor(bed.Options.Path, end), bed.SegmentFiles[1]);
        Assert.Equal([1u, 2u], bed.ReadAll().Select(record => record.Sequence));
        await bed.ReopenAsync();
        Assert.Equal([1u, 2u], bed.ReadAll().Select(record => record.Sequence));
        Assert.Empty(bed.Journal.Recovery.Damages);
    }

    [Fact]
    public async Task What_an_abandoned_segment_holds_behind_the_next_ones_start_is_ignored()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        bed.Storage.OnSync = _ => throw new IOException("Input/output error", 5);
        var held = await bed.QueueAsync("pump", 1, 2);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);
        bed.Storage.OnSync = null;
        bed.Time.Advance(Second);
        await held.WaitAsync(Cancel);
        await bed.Journal.DisposeAsync();
        await File.AppendAllTextAsync(bed.SegmentFiles[0], "what could not be cut off", Cancel);
        await bed.ReopenAsync();

        Assert.Equal([1u, 2u], ReadAll(bed.Journal));
        Assert.Equal(0, bed.Journal.DamageCount);
    }

    [Fact]
    public async Task Closing_on_a_dead_disk_ends_and_counts_what_stayed_unacknowledged()
    {
        await using var bed = new JournalBed();
        bed.Open();
        bed.Storage.OnWrite = (_, _) => throw FullDevice();
        var held = await bed.QueueAsync("pump", 1, 1);
        await bed.Journal.DisposeAsync();

        Assert.False(held.IsCompleted);
        Assert.Equal(1, bed.Journal.Counters.Unacknowledged);
    }

    [Fact]
    public async Task A_full_disk_gives_up_history_that_every_cursor_has_passed()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 40);
        var files = bed.SegmentFiles.Length;
        var failures = 1;
        bed.Storage.OnWrite = (_, _) =>
        {
            if (failures-- > 0)
                throw FullDevice();
        };
        var held = await bed.QueueAsync("pump", 1, 41);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);
        Assert.Equal(files - 1, bed.SegmentFiles.Length);
        bed.Time.Advance(Second);
        await held.WaitAsync(Cancel);
    }

    [Fact]
    public async Task At_the_quota_acknowledgements_stop_and_go_on_by_themselves_and_nothing_is_dropped()
    {
        await using var bed = new JournalBed();
        bed.Options.MaxBytes = JournalOptions.SmallestMaxBytes;
        bed.Open();
        using var cursor = bed.Journal.OpenCursor("slow-sink");
        var sent = 0u;
        Task receipt;
        while (true)
        {
            receipt = await bed.QueueAsync("pump", 1, ++sent, 10_000);
            if (await Task.WhenAny(receipt, bed.Time.TimerArmedAsync()) != receipt)
                break;
        }
        Assert.Contains("quota", bed.Journal.Health.Reason);
        Assert.Contains("slow-sink", bed.Journal.Health.Reason);
        Assert.InRange(bed.Journal.TotalBytes, 200_000, bed.Options.MaxBytes);

        var read = new List<uint>();
        var batch = new JournalBatch();
        while (!receipt.IsCompleted || cursor.Position < bed.Journal.DurableEnd)
        {
            await cursor.WaitAsync(Cancel);
            cursor.Read(batch, 40_000);
            foreach (var record in batch.Records)
                read.Add(record.Sequence);
            cursor.Commit(batch.End);
        }
        Assert.True(bed.Journal.Health.IsOk);
        Assert.Equal(Enumerable.Range(1, (int)sent).Select(i => (uint)i), read);
    }

    /// <summary>Linux has a device that is always full: what it says is what a full disk says.</summary>
    private static IOException FullDevice()
    {
        if (!File.Exists("/dev/full"))
            return new IOException("No space left on device", 28);
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);
        return Assert.Throws<IOException>(() => RandomAccess.Write(full, "x"u8, 0));
    }

    private static List<uint> ReadAll(TelemetryJournal journal)
    {
        using var cursor = journal.OpenCursor("all");
        var batch = new JournalBatch();
        var read = new List<uint>();
        while (cursor.Read(batch, 4096) > 0)
            foreach (var record in batch.Records)
                read.Add(record.Sequence);
        return read;
    }
}
