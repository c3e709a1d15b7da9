using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class AppendTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_acknowledged_only_after_the_sync()
    {
        await using var bed = new JournalBed();
        bed.Open();
        bed.Storage.HoldSyncs();
        var acknowledged = await bed.QueueAsync("pump", 1, 1);
        await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);

        Assert.False(acknowledged.IsCompleted);
        Assert.Equal(0u, bed.Journal.LastSequence("pump", 1));
        Assert.Equal(0, bed.Journal.DurableEnd.Value);

        bed.Storage.LetSyncsFinish();
        await acknowledged.WaitAsync(Cancel);
        Assert.Equal(1u, bed.Journal.LastSequence("pump", 1));
        Assert.Equal([("pump", 1u, 1u)], bed.ReadAll());
    }

    [Fact]
    public async Task Few_messages_soon_after_a_sync_wait_for_more_and_what_comes_later_waits_for_nothing()
    {
        await using var bed = new JournalBed();
        await bed.GatherAsync(1);
        var second = await bed.QueueAsync("pump", 1, 2);
        bed.Time.Advance(8 * bed.Options.Gather);
        var third = await bed.QueueAsync("pump", 1, 3);
        Assert.False(second.IsCompleted);
        bed.Time.Advance(bed.Options.Gather);
        await Task.WhenAll(second, third).WaitAsync(Cancel);
        Assert.Equal(2, bed.Journal.Counters.Batches);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);
        bed.Time.Advance(10 * bed.Options.Gather);
        await bed.AppendAsync("pump", 1, 4);
        Assert.Equal(3, bed.Journal.Counters.Batches);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Many_messages_soon_after_a_sync_wait_for_a_moment_only(int partsBefore)
    {
        await using var bed = new JournalBed();
        await bed.GatherAsync(partsBefore);
        var waiting = await bed.QueueRangeAsync("pump", 1, 2, 65);
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        bed.Time.Advance(bed.Options.Gather);
        await Task.WhenAll(waiting).WaitAsync(Cancel);
        Assert.Equal(2, bed.Journal.Counters.Batches);
    }

    [Fact]
    public async Task A_wait_ends_with_what_is_worth_a_sync()
    {
        await using var bed = new JournalBed();
        await bed.GatherAsync(1);
        var waiting = await bed.QueueRangeAsync("pump", 1, 2, 401);
        await Task.WhenAll(waiting).WaitAsync(Cancel);
        Assert.Equal(2, bed.Journal.Counters.Batches);
    }

    [Fact]
    public async Task A_wait_ends_where_there_is_no_room_for_more()
    {
        const int Large = RecordFormat.MaxBodyBytes * 3 / 4;
        await using var bed = new JournalBed();
        bed.Options.PendingBytes = 1024; // raised to one record of the largest size
        await bed.GatherAsync(1);
        var first = await bed.QueueAsync("pump", 1, 2, Large);
        Assert.False(first.IsCompleted);
        var second = bed.QueueAsync("pump", 1, 3, Large);
        await first.WaitAsync(Cancel);
        await bed.Time.TimerArmedAsync().WaitAsync(Cancel);
        bed.Time.Advance(10 * bed.Options.Gather);
        await (await second).WaitAsync(Cancel);
    }

    [Fact]
    public async Task Messages_are_acknowledged_and_read_in_the_order_they_came()
    {
        await using var bed = new JournalBed();
        bed.Open();
        var acknowledged = new List<uint>();
        var done = new TaskCompletionSource();
        for (var sequence = 1u; sequence <= 500; sequence++)
            await bed.Journal.AppendAsync(
                JournalBed.Entry("pump", 1, sequence),
                JournalBed.Body(sequence),
                (_, last) =>
                {
                    acknowledged.Add(last);
                    if (last == 500)
                        done.SetResult();
                },
                Cancel
            );
        await done.Task.WaitAsync(Cancel);

        var expected = Enumerable.Range(1, 500).Select(i => (uint)i);
        Assert.Equal(expected, acknowledged);
        Assert.Equal(expected, bed.ReadAll().Select(record => record.Sequence));
        Assert.Equal(500, bed.Journal.Counters.AppendedRecords);
    }

    [Fact]
    public async Task A_durable_message_that_comes_again_is_acknowledged_again_and_stored_once()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 1, 1);
        await bed.AppendAsync("pump", 1, 1);

        Assert.Single(bed.ReadAll());
        Assert.Equal(1, bed.Journal.Counters.Duplicates);
    }

    [Fact]
    public async Task A_repetition_of_a_message_that_is_being_synced_is_acknowledged_only_after_that_sync()
    {
        await using var bed = new JournalBed();
        bed.Open();
        bed.Storage.HoldSyncs();
        var first = await bed.QueueAsync("pump", 1, 1);
        await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);
        var again = await bed.QueueAsync("pump", 1, 1);
        Assert.False(again.IsCompleted);

        bed.Storage.LetSyncsFinish();
        await Task.WhenAll(first, again).WaitAsync(Cancel);
        Assert.Single(bed.ReadAll());
    }

    [Fact]
    public async Task Repetitions_within_one_batch_are_stored_once()
    {
        await using var bed = new JournalBed();
        bed.Open();
        bed.Storage.HoldSyncs();
        var blocker = await bed.QueueAsync("other", 1, 1);
        await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);
        var receipts = new[]
        {
            blocker,
            await bed.QueueAsync("pump", 1, 1),
            await bed.QueueAsync("pump", 1, 1),
            await bed.QueueAsync("pump", 2, 1),
        };
        bed.Storage.LetSyncsFinish();
        await Task.WhenAll(receipts).WaitAsync(Cancel);

        Assert.Equal([("other", 1u, 1u), ("pump", 1u, 1u), ("pump", 2u, 1u)], bed.ReadAll());
    }

    [Fact]
    public async Task Messages_without_an_identity_are_never_taken_for_repetitions()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.AppendAsync("pump", 0, 0);
        await bed.AppendAsync("pump", 0, 0);

        Assert.Equal(2, bed.ReadAll().Count);
    }

    [Fact]
    public async Task An_acknowledge_delegate_that_throws_is_counted_and_the_others_are_called()
    {
        await using var bed = new JournalBed();
        bed.Open();
        await bed.Journal.AppendAsync(
            JournalBed.Entry("bad", 1, 1),
            JournalBed.Body(1),
            (_, _) => throw new InvalidOperationException("a session's bug"),
            Cancel
        );
        await bed.AppendAsync("good", 1, 1);

        Assert.Equal(1, bed.Journal.Counters.FailedAcknowledgements);
        Assert.Equal(2, bed.ReadAll().Count);
    }

    [Fact]
    public async Task A_full_queue_makes_appends_wait_and_the_wait_can_be_cancelled()
    {
        await using var bed = new JournalBed();
        bed.Options.PendingBytes = 1024; // raised to one record of the largest size
        bed.Open();
        bed.Storage.HoldSyncs();
        var receipts = new List<Task> { await bed.QueueAsync("pump", 1, 1) };
        await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);
        receipts.Add(await bed.QueueAsync("pump", 1, 2, RecordFormat.MaxBodyBytes));

        using var impatient = new CancellationTokenSource();
        var (entry, body) = (JournalBed.Entry("pump", 1, 3), JournalBed.Body(3));
        var waiting = bed.Journal.AppendAsync(entry, body, null, impatient.Token).AsTask();
        Assert.False(waiting.IsCompleted);
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        var patient = bed.QueueAsync("pump", 1, 3);
        Assert.False(patient.IsCompleted);
        bed.Storage.LetSyncsFinish();
        receipts.Add(await patient);
        await Task.WhenAll(receipts).WaitAsync(Cancel);
        Assert.Equal([1u, 2u, 3u], bed.ReadAll().Select(record => record.Sequence));
    }

    [Fact]
    public async Task Closing_writes_what_is_queued_and_then_refuses_more()
    {
        await using var bed = new JournalBed();
        bed.Open();
        var receipts = new List<Task>();
        for (var sequence = 1u; sequence <= 50; sequence++)
            receipts.Add(await bed.QueueAsync("pump", 1, sequence));
        await bed.Journal.DisposeAsync();

        Assert.All(receipts, receipt => Assert.True(receipt.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => bed.QueueAsync("pump", 1, 51));
        bed.Open();
        Assert.Equal(50, bed.ReadAll().Count);
    }

    [Fact]
    public async Task Appending_allocates_nothing_per_message()
    {
        const int Messages = 20_000;
        await using var bed = new JournalBed();
        bed.Open();
        var body = JournalBed.Body(1, 60);
        Action<uint, uint> acknowledge = static (_, _) => { };
        var next = 1u;
        // The first rounds grow the two buffers, and which of them a round fills is up to the writer. An allocation for each
        // message would be there in every round: the leanest one tells.
        var allocated = long.MaxValue;
        for (var round = 0; round < 6; round++)
            allocated = Math.Min(allocated, await FillAsync());

        // The runtime hands out memory in 8 KiB pieces; the smallest object per message would be 480,000 bytes.
        Assert.InRange(allocated, 0, Messages);

        async Task<long> FillAsync()
        {
            bed.Storage.HoldSyncs();
            await bed.QueueAsync("pump", 1, next++);
            await bed.Storage.SyncEnteredAsync().WaitAsync(Cancel);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < Messages; i++)
            {
                var entry = JournalBed.Entry("pump", 1, next++);
                await bed.Journal.AppendAsync(entry, body, acknowledge, CancellationToken.None); // stays on this thread
            }
            var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            bed.Storage.LetSyncsFinish();
            await bed.AppendAsync("pump", 1, next++);
            return bytes;
        }
    }
}
