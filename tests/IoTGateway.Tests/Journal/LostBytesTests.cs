using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class LostBytesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(50)]
    [InlineData(int.MaxValue)]
    public async Task An_older_segment_that_lost_its_end_or_is_gone_is_reported_and_the_rest_is_read(int bytes)
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 40);
        await bed.Journal.DisposeAsync();
        var victim = bed.SegmentFiles[1];
        if (bytes == int.MaxValue)
            File.Delete(victim);
        else
            using (var file = File.OpenHandle(victim, FileMode.Open, FileAccess.Write))
                RandomAccess.SetLength(file, RandomAccess.GetLength(file) - bytes);
        bed.Open();

        var damage = bed.Journal.Recovery.Damages[0];
        Assert.Equal("the file ends too early", damage.What);
        Assert.Equal(bytes == int.MaxValue ? bed.SegmentFiles[0] : victim, damage.Path);
        var read = bed.ReadAll();
        Assert.InRange(read.Count, 20, 39);
        Assert.Equal(40u, read[^1].Sequence);
        Assert.Equal(40u, bed.Journal.LastSequence("pump", 1));
    }

    [Fact]
    public async Task A_cursor_that_passed_a_record_whose_bytes_are_lost_still_sees_every_later_one()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3, 500);
        var batch = new JournalBatch();
        using (var cursor = bed.Journal.OpenCursor("sink"))
            cursor.ReadToEnd(batch);
        await bed.Journal.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(bed.SegmentFiles[0], Cancel);
        await File.WriteAllBytesAsync(bed.SegmentFiles[0], bytes[..^700], Cancel);
        bed.Open();
        await bed.AppendRangeAsync("pump", 2, 1, 3);

        using var again = bed.Journal.OpenCursor("sink");
        var read = new List<(uint, uint)>();
        while (again.Position < bed.Journal.DurableEnd)
        {
            again.Read(batch, 4096);
            foreach (var record in batch.Records)
                read.Add((record.Epoch, record.Sequence));
        }
        Assert.Equal([(2u, 1u), (2u, 2u), (2u, 3u)], read);
    }

    [Fact]
    public async Task What_a_killed_process_left_unsynced_is_synced_before_it_counts_as_durable()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        await bed.ReopenAsync();

        Assert.Equal(1, bed.Storage.Syncs);
    }
}
