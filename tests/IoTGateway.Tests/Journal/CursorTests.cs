using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class CursorTests
{
    private readonly JournalBatch _batch = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cursor_goes_on_after_a_restart_where_it_was_committed()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        using (var cursor = bed.Journal.OpenCursor("sink"))
        {
            Assert.Equal(3, cursor.Read(_batch, 4096));
            cursor.Commit(_batch[2].Offset); // two of three
            Assert.Equal(bed.Journal.DurableEnd.Value - _batch[2].Offset.Value, cursor.LagBytes);
        }
        await bed.ReopenAsync();

        using var again = bed.Journal.OpenCursor("sink");
        Assert.Equal(1, again.Read(_batch, 4096));
        Assert.Equal(3u, _batch[0].Sequence);
        Assert.Equal("sink", Assert.Single(bed.Journal.Cursors).Name);
    }

    [Fact]
    public async Task A_reset_reads_again_what_is_still_there()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        using var cursor = bed.Journal.OpenCursor("sink");
        cursor.Read(_batch, 4096);
        var second = _batch[1].Offset;
        cursor.Commit(_batch.End);
        cursor.ResetTo(second);

        Assert.Equal(2, cursor.Read(_batch, 4096));
        Assert.Equal(2u, _batch[0].Sequence);
    }

    [Fact]
    public async Task Many_waiting_cursors_wake_when_something_becomes_durable()
    {
        await using var bed = new JournalBed();
        bed.Open();
        var cursors = Enumerable.Range(0, 20).Select(i => bed.Journal.OpenCursor($"sink-{i}")).ToList();
        var waits = cursors.Select(cursor => cursor.WaitAsync(Cancel).AsTask()).ToList();
        Assert.All(waits, wait => Assert.False(wait.IsCompleted));
        await bed.AppendAsync("pump", 1, 1);

        await Task.WhenAll(waits).WaitAsync(Cancel);
        Assert.All(cursors, cursor => Assert.Equal(1, cursor.Read(_batch, 4096)));
        cursors.ForEach(cursor => cursor.Dispose());
    }

    [Fact]
    public async Task Any_flipped_byte_of_a_cursor_file_costs_one_commit_at_most_and_is_reported()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        using (var cursor = bed.Journal.OpenCursor("sink"))
        {
            cursor.Read(_batch, 4096);
            foreach (var record in _batch.Records)
                cursor.Commit(record.Offset);
        }
        await bed.Journal.DisposeAsync();
        var path = Path.Combine(bed.Options.Path, "cursors", "sink");
        var bytes = await File.ReadAllBytesAsync(path, Cancel);
        int[] places = [.. Enumerable.Range(0, 40), .. Enumerable.Range(bytes.Length - 40, 40)];

        foreach (var at in places)
        {
            var flipped = bytes.ToArray();
            flipped[at] ^= 0x22;
            await File.WriteAllBytesAsync(path, flipped, Cancel);
            bed.Open();
            using (var cursor = bed.Journal.OpenCursor("sink"))
            {
                cursor.Read(_batch, 4096);
                Assert.InRange(_batch[0].Sequence, 2u, 3u);
            }
            var inSlot = at is < 32 or >= 4096;
            Assert.Equal(inSlot, bed.Journal.Recovery.Damages.Any(damage => damage.Path == path));
            await bed.Journal.DisposeAsync();
        }
        await File.WriteAllBytesAsync(path, [], Cancel);
        bed.Open();
        using var reset = bed.Journal.OpenCursor("sink");
        reset.Read(_batch, 4096);
        Assert.Equal(1u, _batch[0].Sequence);
    }

    [Fact]
    public async Task Segments_go_when_the_slowest_cursor_has_passed_them_and_enough_is_kept()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Options.KeepBytes = 3000;
        bed.Open();
        using var fast = bed.Journal.OpenCursor("fast");
        using var slow = bed.Journal.OpenCursor("slow");
        await bed.AppendRangeAsync("pump", 1, 1, 100);
        var all = bed.SegmentFiles.Length;
        fast.ReadToEnd(_batch);
        await bed.AppendAsync("pump", 1, 101);
        Assert.Equal(all, bed.SegmentFiles.Length);

        slow.ReadToEnd(_batch);
        await bed.AppendAsync("pump", 1, 102);
        await bed.AppendAsync("pump", 1, 103); // trimming follows a batch, so it is over before the next one
        Assert.InRange(bed.Journal.TotalBytes, 3000, 3000 + 2048);
        Assert.Equal(
            bed.Journal.OldestOffset.Value.ToString("D20"),
            Path.GetFileNameWithoutExtension(bed.SegmentFiles[0])
        );
    }

    [Fact]
    public async Task A_cursor_that_is_not_open_yet_holds_its_segments_across_restarts_until_it_is_removed()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Open();
        bed.Journal.OpenCursor("later").Dispose();
        await bed.ReopenAsync();
        await bed.AppendRangeAsync("pump", 1, 1, 50);
        Assert.Equal(50, bed.ReadAll().Count);

        Assert.True(bed.Journal.RemoveCursor("later"));
        await bed.AppendRangeAsync("pump", 1, 51, 52);
        Assert.True(bed.ReadAll().Count < 50);
    }

    [Fact]
    public async Task An_owner_that_keeps_its_own_position_reads_from_it_and_lets_segments_go()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Open();
        JournalOffset own;
        using (var cursor = bed.Journal.OpenCursor("history", new JournalOffset(0)))
        {
            await bed.AppendRangeAsync("pump", 1, 1, 50);
            while (cursor.Position < bed.Journal.DurableEnd)
                cursor.Read(_batch, 1);
            own = cursor.Position;
            cursor.Release(own);
        }
        await bed.AppendRangeAsync("pump", 1, 51, 52);
        Assert.True(bed.ReadAll().Count < 50);
        await bed.ReopenAsync();

        using var again = bed.Journal.OpenCursor("history", own);
        again.Read(_batch, 4096);
        Assert.Equal(51u, _batch[0].Sequence);
    }

    [Fact]
    public async Task A_position_beyond_the_end_reads_everything_again()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        using var cursor = bed.Journal.OpenCursor("history", new JournalOffset(1_000_000));

        Assert.Equal(1, cursor.Read(_batch, 4096));
    }

    [Fact]
    public async Task A_tail_starts_at_the_durable_end_and_jumps_over_what_is_removed()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        using var tail = bed.Journal.OpenTail();
        Assert.Equal(0, tail.Read(_batch, 4096));
        await bed.AppendAsync("pump", 1, 2);
        await tail.WaitAsync(Cancel);
        tail.Read(_batch, 4096);
        Assert.Equal(2u, _batch[0].Sequence);

        await bed.AppendRangeAsync("pump", 1, 3, 100);
        var sequences = new List<uint>();
        while (tail.Position < bed.Journal.DurableEnd)
        {
            tail.Read(_batch, 4096);
            foreach (var record in _batch.Records)
                sequences.Add(record.Sequence);
        }
        Assert.True(sequences.Count < 98);
        Assert.Equal(100u, sequences[^1]);
        Assert.Equal(0, bed.Journal.DamageCount);
    }

    [Fact]
    public async Task Reading_allocates_nothing_per_record()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 2000);
        using var cursor = bed.Journal.OpenCursor("sink");
        cursor.Read(_batch, 1 << 20);
        cursor.ResetTo(new JournalOffset(0));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var count = cursor.Read(_batch, 1 << 20);

        Assert.Equal(2000, count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);
    }
}

internal static class CursorReading
{
    public static void ReadToEnd(this JournalCursor cursor, JournalBatch batch)
    {
        while (cursor.LagBytes > 0)
        {
            cursor.Read(batch, 4096);
            cursor.Commit(batch.End);
        }
    }
}
