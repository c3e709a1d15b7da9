using IoTGateway.Journal;
using IoTGateway.Tests.Gateway;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Tests.Journal;

/// <summary>A small journal of several segments and a cursor: each of its files is cut at each byte, each byte of the cursor flipped.</summary>
public sealed class EveryByteTests
{
    private const int Messages = 24;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_segment_cut_at_any_byte_keeps_all_before_the_cut_and_all_other_segments_and_says_where()
    {
        await using var bed = await SmallAsync();
        var files = bed.SegmentFiles.ToDictionary(path => path, File.ReadAllBytes);
        Assert.True(files.Count >= 3);
        var all = await OffsetsAsync(bed);
        foreach (var (path, bytes) in files)
        {
            Assert.True(Segment.TryParseStart(path, out var start));
            for (var length = 0; length < bytes.Length; length++)
            {
                Restore(bed, files);
                await File.WriteAllBytesAsync(path, bytes[..length], Cancel);
                bed.Open();
                var read = bed.ReadAll().Select(record => record.Sequence).ToArray();
                var reached = bed.Journal.Recovery;
                await bed.Journal.DisposeAsync();
                var kept = all.Where(one => one.End <= start + length || one.Start >= start + bytes.Length);
                Assert.Equal(kept.Select(one => one.Sequence), read);
                var damages = reached.Damages.Append(reached.Tail ?? default);
                Assert.True(damages.Any(damage => damage.Path == path || length == 0), $"{path} cut at {length}");
            }
        }
    }

    [Fact]
    public async Task A_cursor_file_flipped_at_any_byte_or_cut_at_any_length_costs_a_repetition_at_most()
    {
        await using var bed = await SmallAsync();
        var path = Path.Combine(bed.Options.Path, "cursors", "sink");
        var whole = await File.ReadAllBytesAsync(path, Cancel);
        for (var at = 0; at < whole.Length; at++)
        {
            var flipped = whole.ToArray();
            flipped[at] ^= 0x81;
            await CheckAsync(flipped, isFound: at < 32 || at >= 4096, fromTheStart: false);
            await CheckAsync(whole[..at], isFound: true, fromTheStart: at < 32);
        }

        async Task CheckAsync(byte[] bytes, bool isFound, bool fromTheStart)
        {
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            bed.Open();
            var position = Assert.Single(bed.Journal.Cursors).Position;
            var found = bed.Journal.Recovery.Damages.Where(damage => damage.Path == path).ToArray();
            Assert.Equal(isFound, found.Length > 0);
            Assert.All(found, damage => Assert.True(damage.Position is 0 or 4096));
            if (fromTheStart)
                Assert.Equal(bed.Journal.OldestOffset, position);
            else
                Assert.NotEqual(bed.Journal.OldestOffset, position);
            Assert.True(position <= bed.Journal.DurableEnd);
            await bed.Journal.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_last_segment_cut_between_two_records_is_found_by_the_cursor_that_was_further()
    {
        await using var bed = await SmallAsync();
        var last = bed.SegmentFiles[^1];
        var bytes = await File.ReadAllBytesAsync(last, Cancel);
        Assert.True(Segment.TryParseStart(last, out var start));
        var cut = (await OffsetsAsync(bed))[^1].Start - start;
        await File.WriteAllBytesAsync(last, bytes[..(int)cut], Cancel);
        bed.Open();
        Assert.Contains(
            bed.Journal.Recovery.Damages,
            damage => damage.Path == last && damage.Position == cut && damage.What.Contains("a cursor was further")
        );
    }

    [Fact]
    public async Task Start_up_says_what_it_recovered_and_how_often_in_a_row_it_had_to()
    {
        await using var bed = await SmallAsync();
        await File.AppendAllTextAsync(bed.SegmentFiles[^1], "half a record", Cancel);
        var first = await File.ReadAllBytesAsync(bed.SegmentFiles[^1], Cancel);
        first[^40] ^= 1;
        await File.WriteAllBytesAsync(bed.SegmentFiles[^1], first, Cancel);
        var mark = Path.Combine(bed.Options.Path, FolderLock.FileName);
        Assert.Equal(0, new FileInfo(mark).Length);

        for (var run = 1; run <= 3; run++)
        {
            var (log, journal) = OpenLogged(bed);
            Assert.Equal(run - 1, journal.Recovery.CutShort);
            if (run == 1)
                Assert.Contains(log.Lines, line => line.Contains("cut ") && line.Contains(bed.SegmentFiles[^1]));
            else
                Assert.Contains(log.Lines, line => line.Contains($"{run - 1} in a row now. Recovered: "));
            Assert.Contains(log.Lines, line => line.Contains("Journal open: "));
            await journal.DisposeAsync();
            // As a kill leaves it: the mark of this run stays.
            await File.WriteAllTextAsync(mark, $"{run}", Cancel);
        }
        await File.WriteAllBytesAsync(mark, [], Cancel);
        Assert.Equal(0, bed.Open().Recovery.CutShort);
    }

    private static (CapturedLog Log, TelemetryJournal Journal) OpenLogged(JournalBed bed)
    {
        var log = new CapturedLog();
        var logger = new Logger<TelemetryJournal>(LoggerFactory.Create(logging => logging.AddProvider(log)));
        return (log, TelemetryJournal.Open(bed.Options, bed.Time, logger));
    }

    /// <summary>Closed, and read to the end by a cursor.</summary>
    private static async Task<JournalBed> SmallAsync()
    {
        var bed = new JournalBed().WithSegments(1024);
        bed.Options.KeepBytes = 1 << 20;
        bed.Open();
        await bed.AppendRangeAsync("pump", 1, 1, Messages);
        using (var cursor = bed.Journal.OpenCursor("sink"))
            cursor.ReadToEnd(new JournalBatch());
        await bed.Journal.DisposeAsync();
        return bed;
    }

    private static async Task<List<(uint Sequence, long Start, long End)>> OffsetsAsync(JournalBed bed)
    {
        bed.Open();
        var found = new List<(uint Sequence, long Start, long End)>();
        using (var cursor = bed.Journal.OpenCursor("offsets", bed.Journal.OldestOffset))
        {
            var batch = new JournalBatch();
            while (cursor.Position < bed.Journal.DurableEnd)
            {
                cursor.Read(batch, 1 << 16);
                foreach (var record in batch.Records)
                {
                    var size = RecordFormat.MessageBytes(record.Device.Length, record.Body.Length);
                    found.Add((record.Sequence, record.Offset.Value, record.Offset.Value + size));
                }
            }
        }
        bed.Journal.RemoveCursor("offsets");
        await bed.Journal.DisposeAsync();
        return found;
    }

    private static void Restore(JournalBed bed, Dictionary<string, byte[]> files)
    {
        foreach (var file in bed.SegmentFiles)
            File.Delete(file);
        foreach (var (path, bytes) in files)
            File.WriteAllBytes(path, bytes);
    }
}
