using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

/// <summary>The zeros behind the records of the active segment, which spare most syncs the file's size.</summary>
public sealed class FillAheadTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_grows_now_and_then_and_ends_with_its_last_record()
    {
        await using var bed = new JournalBed();
        bed.Open();
        var lengths = new HashSet<long>();
        for (var sequence = 1u; sequence <= 300; sequence++)
        {
            await bed.AppendAsync("pump", 1, sequence, 1000);
            lengths.Add(new FileInfo(bed.SegmentFiles[0]).Length);
        }
        // As long as its first batch, then filled up by 64 KB, then twice as long each time.
        Assert.Equal(5, lengths.Count);
        Assert.True(lengths.Max() > bed.Journal.DurableEnd.Value);
        await bed.Journal.DisposeAsync();
        Assert.Equal(bed.Journal.DurableEnd.Value, new FileInfo(bed.SegmentFiles[0]).Length);
    }

    [Fact]
    public async Task After_a_crash_nothing_counts_as_torn_and_the_same_segment_goes_on()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        var end = bed.Journal.DurableEnd.Value;
        bed.Storage.CutPower();
        await bed.ReopenAsync();
        Assert.Null(bed.Journal.Recovery.Tail);
        Assert.Empty(bed.Journal.Recovery.Damages);
        Assert.Equal(end, bed.Journal.DurableEnd.Value);
        await bed.AppendAsync("pump", 1, 4);
        Assert.Single(bed.SegmentFiles);
        Assert.Equal([1u, 2u, 3u, 4u], bed.ReadAll().Select(record => record.Sequence));
    }

    [Fact]
    public async Task What_is_torn_in_front_of_the_zeros_is_reported_without_them()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        var end = bed.Journal.DurableEnd.Value;
        bed.Storage.CutPower();
        await bed.Journal.DisposeAsync();
        await using (var file = File.OpenWrite(bed.SegmentFiles[0]))
        {
            file.Position = end;
            await file.WriteAsync(RecordFormat.Magic.ToArray(), Cancel);
        }
        await bed.ReopenAsync();
        Assert.Equal(
            (end, RecordFormat.Magic.Length),
            (bed.Journal.Recovery.Tail?.Position, bed.Journal.Recovery.BytesTruncated)
        );
        Assert.Empty(bed.Journal.Recovery.Damages);
        await bed.AppendAsync("pump", 1, 4);
        Assert.Equal([1u, 2u, 3u, 4u], bed.ReadAll().Select(record => record.Sequence));
    }

    [Fact]
    public async Task A_disk_without_room_for_zeros_still_takes_messages()
    {
        await using var bed = new JournalBed();
        bed.Storage.OnWrite = (_, bytes) =>
        {
            if (bytes > 32 * 1024)
                throw new IOException("No space left on device", 28);
        };
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 10);
        Assert.True(bed.Journal.Health.IsOk);
        Assert.Equal(0, bed.Journal.Counters.FailedWrites);
        Assert.Equal(bed.Journal.DurableEnd.Value, new FileInfo(bed.SegmentFiles[0]).Length);
        await bed.ReopenAsync();
        Assert.Equal(10, bed.ReadAll().Count);
    }

    [Fact]
    public async Task A_segment_is_filled_no_further_than_it_may_grow()
    {
        await using var bed = new JournalBed().WithSegments(4096);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 200);
        Assert.All(bed.SegmentFiles, path => Assert.InRange(new FileInfo(path).Length, 1, 4096));
        Assert.Equal(200, bed.ReadAll().Count);
    }
}
