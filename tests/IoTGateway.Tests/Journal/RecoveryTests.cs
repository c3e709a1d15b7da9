using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class RecoveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tail_torn_at_any_byte_of_the_last_record_keeps_all_before_it()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 3);
        var end = bed.Journal.DurableEnd.Value;
        await bed.AppendAsync("pump", 1, 4);
        await bed.Journal.DisposeAsync();
        var whole = await File.ReadAllBytesAsync(bed.SegmentFiles[0], Cancel);

        for (var length = (int)end + 1; length < whole.Length; length++)
        {
            foreach (var file in bed.SegmentFiles)
                File.Delete(file);
            await File.WriteAllBytesAsync(Segment.PathFor(bed.Options.Path, 0), whole[..length], Cancel);
            bed.Open();
            var report = bed.Journal.Recovery;
            // A zero at its end could as well be one that was filled ahead.
            var torn = whole.AsSpan((int)end, length - (int)end).TrimEnd((byte)0).Length;
            Assert.Equal((end, torn), (report.Tail?.Position, report.BytesTruncated));
            Assert.Empty(report.Damages);
            Assert.Equal(3u, bed.Journal.LastSequence("pump", 1));
            await bed.AppendAsync("pump", 1, 4);
            Assert.Equal([1u, 2u, 3u, 4u], bed.ReadAll().Select(record => record.Sequence));
            await bed.Journal.DisposeAsync();
        }
    }

    [Fact]
    public async Task Any_flipped_byte_costs_one_record_at_most_and_is_reported_with_its_place()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 30);
        await bed.Journal.DisposeAsync();
        var original = bed.SegmentFiles.ToDictionary(path => path, File.ReadAllBytes);
        Assert.True(original.Count >= 3);

        foreach (var (path, bytes) in original)
            for (var at = 0; at < bytes.Length; at++)
            {
                var flipped = bytes.ToArray();
                flipped[at] ^= 0x41;
                await File.WriteAllBytesAsync(path, flipped, Cancel);
                bed.Open();
                var read = await ReadByCursorAsync(bed.Journal);
                Assert.InRange(read.Count, 29, 30);
                Assert.Equal(read.Order(), read);
                var damage = bed.Journal.Recovery.Tail ?? Assert.Single(bed.Journal.Damages);
                Assert.Equal(path, damage.Path);
                Assert.InRange(at, damage.Position, damage.Position + damage.Bytes - 1);
                await bed.Journal.DisposeAsync();
                await File.WriteAllBytesAsync(path, bytes, Cancel);
            }
    }

    [Fact]
    public async Task A_power_cut_that_tears_a_hole_into_a_batch_makes_no_device_delete_what_fell_into_it()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        bed.Storage.HoldSyncs();
        var first = await bed.QueueAsync("pump", 1, 2, 600);
        await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);
        var rest = new List<Task>();
        for (var sequence = 3u; sequence <= 8; sequence++)
            rest.Add(await bed.QueueAsync("pump", 1, sequence, 600));
        bed.Storage.LetSyncsFinish();
        await first.WaitAsync(Cancel);
        await Task.WhenAll(rest).WaitAsync(Cancel);
        await bed.Journal.DisposeAsync();

        // The third record of the batch never reached the medium; those behind it did.
        var bytes = await File.ReadAllBytesAsync(bed.SegmentFiles[0], Cancel);
        var hole = bytes.AsSpan().IndexOf(JournalBed.Body(5, 600));
        bytes.AsSpan(hole, 512).Clear();
        await File.WriteAllBytesAsync(bed.SegmentFiles[0], bytes, Cancel);
        bed.Open();

        Assert.Equal(4u, bed.Journal.LastSequence("pump", 1));
        await bed.AppendRangeAsync("pump", 1, 5, 9, 600);
        Assert.Equal(
            [1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u, 9u],
            bed.ReadAll().Select(record => record.Sequence).Distinct().Order()
        );
    }

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_power_cut_loses_nothing_that_was_acknowledged(int? everySectorButEach)
    {
        await using var bed = new JournalBed().WithSegments(4096);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        var acknowledged = 0u;
        var next = 1u;
        for (var cut = 0; cut < 20; cut++)
        {
            await bed.AppendAsync("pump", 1, next, 300);
            acknowledged = next++;
            for (var i = 0; i < 25; i++)
                await bed.Journal.AppendAsync(
                    JournalBed.Entry("pump", 1, next),
                    JournalBed.Body(next++, 300),
                    (_, sequence) => acknowledged = Math.Max(acknowledged, sequence),
                    Cancel
                );
            bed.Storage.CutPower(everySectorButEach is { } n ? sector => sector % n != 0 : null);
            await bed.ReopenAsync();
            var durable = bed.Journal.LastSequence("pump", 1);
            Assert.True(durable >= acknowledged, $"acknowledged {acknowledged}, on disk {durable}");
            var read = bed.ReadAll().Select(record => record.Sequence).ToHashSet();
            Assert.All(Enumerable.Range(1, (int)durable), sequence => Assert.Contains((uint)sequence, read));
            next = durable + 1;
        }
    }

    [Fact]
    public async Task A_body_that_contains_the_image_of_a_record_is_not_read_as_one()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        var image = (await File.ReadAllBytesAsync(bed.SegmentFiles[0], Cancel))[29..];
        var entry = JournalBed.Entry("forger", 1, 1);
        await bed.Journal.AppendAsync(entry, image, null, Cancel);
        await bed.AppendAsync("pump", 1, 2);
        await bed.Journal.DisposeAsync();
        var bytes = await File.ReadAllBytesAsync(bed.SegmentFiles[0], Cancel);
        bytes[bytes.AsSpan().IndexOf("forger"u8)] ^= 1;
        await File.WriteAllBytesAsync(bed.SegmentFiles[0], bytes, Cancel);
        bed.Open();

        Assert.Equal([("pump", 1u, 1u), ("pump", 1u, 2u)], bed.ReadAll());
    }

    [Fact]
    public async Task A_second_opening_of_the_same_folder_is_refused_and_says_what_to_do()
    {
        await using var bed = new JournalBed();
        var first = bed.Open();
        var refused = Assert.Throws<IOException>(() => bed.Open());

        Assert.Contains(bed.Options.Path, refused.Message);
        Assert.Contains("Stop the other gateway", refused.Message);
        await first.DisposeAsync();
        bed.Open();
    }

    private static Task<List<uint>> ReadByCursorAsync(TelemetryJournal journal)
    {
        journal.RemoveCursor("check");
        using var cursor = journal.OpenCursor("check");
        var batch = new JournalBatch();
        var read = new List<uint>();
        while (cursor.Position < journal.DurableEnd)
        {
            cursor.Read(batch, 4096);
            foreach (var record in batch.Records)
                read.Add(record.Sequence);
        }
        return Task.FromResult(read);
    }
}
