using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class DeduplicationTests
{
    [Fact]
    public async Task A_repetition_is_recognised_after_a_restart()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 5);
        await bed.ReopenAsync();
        Assert.Equal(5u, bed.Journal.LastSequence("pump", 1));
        await bed.AppendRangeAsync("pump", 1, 3, 6);

        Assert.Equal([1u, 2u, 3u, 4u, 5u, 6u], bed.ReadAll().Select(record => record.Sequence));
    }

    [Fact]
    public async Task A_repetition_is_recognised_when_the_segment_with_the_message_is_gone()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Open();
        await bed.AppendAsync("early", 7, 1);
        await bed.AppendRangeAsync("pump", 1, 1, 100);
        await bed.ReopenAsync();
        await bed.AppendAsync("pump", 1, 101); // the first batch removes what no cursor wants
        await bed.ReopenAsync();

        Assert.DoesNotContain(bed.ReadAll(), record => record.Device == "early");
        Assert.Equal(1u, bed.Journal.LastSequence("early", 7));
        await bed.AppendAsync("early", 7, 1);
        Assert.DoesNotContain(bed.ReadAll(), record => record.Device == "early");
    }

    [Fact]
    public async Task The_next_device_of_a_removed_ones_name_starts_at_1_also_after_a_restart()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, 5);
        await bed.Journal.ForgetAsync("pump", TestContext.Current.CancellationToken);
        Assert.Equal(0u, bed.Journal.LastSequence("pump", 1));
        await bed.AppendRangeAsync("pump", 1, 1, 2);
        Assert.Equal(0, bed.Journal.Counters.Duplicates);
        await bed.ReopenAsync();

        Assert.Equal(2u, bed.Journal.LastSequence("pump", 1));
    }

    [Fact]
    public async Task A_damaged_snapshot_is_made_good_from_the_segment_before()
    {
        await using var bed = new JournalBed().WithSegments(1024);
        bed.Open();
        await bed.AppendAsync("early", 7, 1);
        await bed.AppendRangeAsync("pump", 1, 1, 100);
        await bed.Journal.DisposeAsync();
        var newest = bed.SegmentFiles[^1];
        var bytes = await File.ReadAllBytesAsync(newest, TestContext.Current.CancellationToken);
        bytes[RecordFormat.PrefixBytes + RecordFormat.SnapshotHeaderBytes + 3] ^= 0x10;
        await File.WriteAllBytesAsync(newest, bytes, TestContext.Current.CancellationToken);
        bed.Open();

        Assert.Equal(1u, bed.Journal.LastSequence("early", 7));
        Assert.Equal(100u, bed.Journal.LastSequence("pump", 1));
        var damage = Assert.Single(bed.Journal.Recovery.Damages);
        Assert.Equal((newest, 0L), (damage.Path, damage.Position));
    }

    [Fact]
    public async Task A_snapshot_of_more_devices_than_fit_in_one_record_comes_back_whole()
    {
        await using var bed = new JournalBed();
        bed.Options.SegmentBytes = 1024;
        bed.Open();
        var receipts = new List<Task>();
        for (var device = 0; device < 2000; device++)
            receipts.Add(await bed.QueueAsync($"device-with-a-long-name-{device}", 3, (uint)device + 1));
        await Task.WhenAll(receipts).WaitAsync(TestContext.Current.CancellationToken);
        await bed.AppendAsync("last", 1, 1);
        await bed.AppendAsync("last", 1, 2, 2000);
        await bed.ReopenAsync();

        Assert.True(bed.Journal.Recovery.RecordsScanned < 2000);
        for (var device = 0; device < 2000; device++)
            Assert.Equal((uint)device + 1, bed.Journal.LastSequence($"device-with-a-long-name-{device}", 3));
    }

    [Fact]
    public async Task The_sixteen_epochs_used_last_are_remembered_even_when_a_boot_counter_starts_again()
    {
        await using var bed = new JournalBed();
        bed.Open();
        for (var epoch = 101u; epoch <= 117; epoch++)
            await bed.AppendAsync("pump", epoch, 1);
        await bed.AppendAsync("pump", 1, 1);
        await bed.ReopenAsync();

        Assert.Equal(1u, bed.Journal.LastSequence("pump", 1));
        Assert.Equal(0u, bed.Journal.LastSequence("pump", 102));
        for (var epoch = 103u; epoch <= 117; epoch++)
            Assert.Equal(1u, bed.Journal.LastSequence("pump", epoch));
    }
}
