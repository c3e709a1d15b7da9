using IoTGateway.Device.Storage;

namespace Firmware.Tests.Storage;

public sealed class SpoolTests : IDisposable
{
    private const int Long = 600_000;

    private readonly SpoolBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void What_waits_for_long_goes_to_flash_and_comes_out_after_a_reboot_oldest_first()
    {
        _bench.Boot().Append(1, 6);
        Assert.Equal(Long, _bench.Outbox.StepSpill(Long));
        Assert.Empty(_bench.SpillFiles);
        _bench.Board.Time.BootMs += Long;
        _bench.Outbox.StepSpill(Long);
        Assert.Equal(0, _bench.Outbox.Count);
        Assert.Equal(6, _bench.Counters.RowsInFlash);
        _bench.Boot().Append(1, 2);

        Assert.Equal([.. SpoolBench.Names(1, 1, 6), .. SpoolBench.Names(2, 1, 2)], _bench.Deliver());
        Assert.Empty(_bench.SpillFiles);
        Assert.Equal((8L, 0L), (_bench.Counters.RowsAcknowledged, _bench.Counters.RowsInFlash));
    }

    [Fact]
    public void While_ACKs_come_nothing_is_written()
    {
        _bench.Boot();
        for (var n = 1u; n <= 500; n++)
        {
            _bench.Append(n, n);
            _bench.Board.Time.BootMs += 10_000;
            _bench.Outbox.StepSpill(Long);
            _bench.Deliver();
        }

        Assert.Equal(0, _bench.Flash.BytesWritten);
    }

    [Fact]
    public void RAM_that_is_nearly_full_spills_before_anything_is_old_or_dropped()
    {
        _bench.Settings.SpillFiles = 20;
        _bench.Boot();
        for (var n = 1u; n <= 60; n++)
        {
            _bench.Append(n, n);
            _bench.Outbox.StepSpill(Long);
        }

        Assert.Equal(0, _bench.Counters.RowsDropped);
        Assert.Equal(60, _bench.Counters.RowsInFlash + _bench.Outbox.Count);
        Assert.Equal(SpoolBench.Names(1, 1, 60), _bench.Deliver());
    }

    [Fact]
    public void Crumbs_are_gathered_in_one_file()
    {
        _bench.Boot();
        for (var n = 1u; n <= 4; n++)
        {
            _bench.Append(n, n);
            _bench.Outbox.SpillAll();
        }

        Assert.Single(_bench.SpillFiles);
        Assert.Equal(SpoolBench.Names(1, 1, 4), _bench.Boot().Deliver());
    }

    [Fact]
    public void A_full_spool_gives_up_its_oldest_file_and_the_gap_survives_a_power_cut()
    {
        _bench.Boot().Append(1, 20);
        _bench.Outbox.SpillAll();
        Assert.Equal(3, _bench.SpillFiles.Length);
        var dropped = _bench.Counters.RowsDropped;
        Assert.Equal(20, dropped + _bench.Counters.RowsInFlash);
        _bench.Boot();
        var gap = _bench.Outbox.Gaps.Unsent();

        Assert.Equal((1u, dropped, 1000L, dropped * 1000 + 500), (gap.Epoch, gap.Rows, gap.FromMs, gap.ToMs));
        Assert.Equal(SpoolBench.Names(1, (int)dropped + 1, 20), _bench.Deliver());
    }

    [Fact]
    public void A_gap_that_was_delivered_is_not_told_by_the_next_boot()
    {
        _bench.Boot().Append(1, 20);
        _bench.Outbox.SpillAll();
        _bench.Outbox.Gaps.Unsent().Sent = true;
        _bench.Outbox.Gaps.TelemetrySent(21);
        Assert.True(_bench.Outbox.Gaps.Acknowledged(21));
        _bench.Outbox.SaveGaps();

        Assert.Null(_bench.Boot().Outbox.Gaps.Unsent());
    }

    [Fact]
    public void A_file_damaged_at_any_byte_loses_only_itself_and_is_told_as_a_gap()
    {
        _bench.Boot().Append(1, 10);
        _bench.Outbox.SpillAll();
        var files = _bench.SpillFiles.Order().ToArray();
        var whole = System.IO.File.ReadAllBytes(files[0]);
        for (var at = 0; at < whole.Length; at += 7)
        {
            var damaged = whole.ToArray();
            damaged[at] ^= 0x10;
            var inHeader = at < SegmentHeader.Bytes || at >= whole.Length - SegmentHeader.Bytes;
            // The header is there twice: one of them may go without any loss.
            Assert.Equal(inHeader ? 0 : 4, GapAfter(files[0], damaged, damages: !inHeader));
        }
    }

    [Theory]
    [InlineData(62, 4)]
    [InlineData(300, 4)]
    [InlineData(61, 0)]
    [InlineData(0, 0)]
    public void A_half_written_file_is_told_by_what_its_header_still_says(int bytes, int rows)
    {
        _bench.Boot().Append(1, 10);
        _bench.Outbox.SpillAll();
        var file = _bench.SpillFiles.Order().First();
        var whole = System.IO.File.ReadAllBytes(file);

        Assert.Equal(rows, GapAfter(file, whole[..bytes]));
    }

    [Fact]
    public void A_power_cut_while_a_file_grows_loses_nothing_that_was_in_it()
    {
        _bench.Boot().Append(1, 2);
        _bench.Outbox.SpillAll();
        var old = _bench.SpillFiles.Single();
        var before = System.IO.File.ReadAllBytes(old);
        _bench.Append(3, 4);
        _bench.Outbox.SpillAll();
        var grown = _bench.SpillFiles.Single();
        System.IO.File.WriteAllBytes(old, before);
        Assert.Equal(4, _bench.Boot().Counters.RowsInFlash);
        System.IO.File.WriteAllBytes(old, before);
        System.IO.File.WriteAllBytes(grown, System.IO.File.ReadAllBytes(grown)[..100]);
        _bench.Boot();

        Assert.Equal(2, _bench.Outbox.Gaps.Unsent().Rows);
        Assert.Equal(SpoolBench.Names(1, 1, 2), _bench.Deliver());
    }

    [Fact]
    public void Full_flash_keeps_the_rows_in_RAM_and_is_tried_again_later()
    {
        _bench.Flash.Capacity = 700;
        _bench.Boot().Append(1, 10);
        _bench.Outbox.SpillAll();
        Assert.Equal((1L, 6), (_bench.Counters.SpillsFailed, _bench.Outbox.Count));
        _bench.Flash.Capacity = 256 * 1024;
        _bench.Outbox.SpillAll();
        Assert.Equal(6, _bench.Outbox.Count);
        _bench.Board.Time.BootMs += 30_000;
        _bench.Outbox.SpillAll();

        Assert.Equal(0, _bench.Outbox.Count);
        Assert.Equal(SpoolBench.Names(1, 1, 10), _bench.Deliver());
    }

    [Fact]
    public void At_an_orderly_end_what_finds_no_room_is_told_as_a_gap_by_the_next_boot()
    {
        _bench.Flash.Capacity = 700;
        _bench.Boot().Append(1, 10);
        _bench.Outbox.SpillForEnd();
        _bench.Boot();

        Assert.Equal(6, _bench.Outbox.Gaps.Unsent().Rows);
        Assert.Equal(SpoolBench.Names(1, 1, 4), _bench.Deliver());
    }

    [Fact]
    public void What_a_power_cut_would_lose_starts_at_the_oldest_row_in_RAM_and_ends_with_the_look_ahead()
    {
        _bench.Settings.LookAheadMs = 600_000;
        _bench.Boot();
        _bench.Board.Time.BootMs = 600_000;
        for (var n = 1u; n <= 30; n++)
        {
            _bench.Outbox.Expect(1, n * 60_000, n * 60_000);
            _bench.Append(n * 60, n * 60);
            // A link that acknowledges all but the last three messages.
            if (n > 3)
                _bench.Outbox.Acknowledge(1, (n - 3) * 60);
        }

        _bench.Boot();
        var gap = _bench.Outbox.Gaps.Unsent();

        // Reopened at minutes 1, 12 and 23, there with the three messages before it in RAM.
        Assert.Equal((1u, 20 * 60_000L, 33 * 60_000L), (gap.Epoch, gap.FromMs, gap.ToMs));
        Assert.Equal((0L, true), (gap.Rows, gap.Uncounted));
    }

    [Fact]
    public void After_an_orderly_end_no_gap_is_open()
    {
        _bench.Boot();
        _bench.Outbox.Expect(1, 1000, 1000);
        _bench.Append(1, 1);
        _bench.Outbox.SpillForEnd();
        _bench.Boot();

        Assert.Null(_bench.Outbox.Gaps.Unsent());
        Assert.Equal(SpoolBench.Names(1, 1, 1), _bench.Deliver());
    }

    [Fact]
    public void A_boot_from_before_its_clock_was_set_is_told_on_the_wall_clock_once_it_was()
    {
        _bench.Boot();
        _bench.Outbox.Expect(0, 1000, 1000);
        _bench.Append(1, 1, clock: 0);
        _bench.Board.Time.UnixAtBootMs = 1_790_000_000_000;
        _bench.Outbox.Expect(1, 1_790_000_002_000, 1_790_000_002_000);
        _bench.Boot();
        var gaps = new List<(byte, long)>();
        for (var gap = _bench.Outbox.Gaps.Unsent(); gap is not null; gap = _bench.Outbox.Gaps.Unsent())
        {
            gaps.Add((gap.Clock, gap.FromMs));
            gap.Sent = true;
        }

        Assert.Equal([(1, 1_790_000_001_000L), (1, 1_790_000_002_000L)], gaps);
    }

    [Fact]
    public void Refused_messages_in_flash_are_not_sent_again()
    {
        _bench.Boot().Append(1, 4);
        _bench.Outbox.SpillAll();
        _bench.Outbox.TakeNextToSend(out _);
        _bench.Outbox.TakeNextToSend(out _);
        Assert.True(_bench.Outbox.Refuse(1, 2));
        Assert.True(_bench.Outbox.Acknowledge(1, 1));
        _bench.Outbox.LinkLost();

        Assert.Equal(SpoolBench.Names(1, 3, 4), _bench.Deliver());
        Assert.Equal((1L, 3L), (_bench.Counters.RowsRefused, _bench.Counters.RowsAcknowledged));
    }

    [Fact]
    public void What_is_on_its_way_while_it_is_spilled_is_acknowledged_and_not_sent_twice()
    {
        _bench.Boot().Append(1, 8);
        for (var i = 0; i < 4; i++)
            _bench.Outbox.TakeNextToSend(out _);
        _bench.Outbox.SpillAll();
        Assert.Equal(4, _bench.Outbox.InFlight());
        Assert.True(_bench.Outbox.Acknowledge(1, 3));
        Assert.Equal(1, _bench.Outbox.InFlight());
        Assert.True(_bench.Outbox.Acknowledge(1, 4));

        Assert.Equal(SpoolBench.Names(1, 5, 8), _bench.Deliver());
    }

    [Fact]
    public void Rows_from_before_the_clock_was_set_are_put_on_it_even_by_the_next_boot()
    {
        _bench.Boot().Append(1, 2, clock: 0);
        _bench.Outbox.SpillAll();
        _bench.Board.Time.UnixAtBootMs = 1_790_000_000_000;
        _bench.Append(3, 3, clock: 1);
        _bench.Outbox.SpillAll();
        _bench.Boot();
        var message = _bench.Outbox.TakeNextToSend(out _);

        Assert.Equal(1, message[9]);
        Assert.Equal(1_790_000_001_000, BitConverter.ToInt64(message, 10));
    }

    [Fact]
    public void Each_file_knows_its_catalog_and_a_fifth_one_costs_the_oldest_rows()
    {
        _bench.Settings.SpillFiles = 8;
        for (byte catalog = 1; catalog <= 5; catalog++)
        {
            _bench.Boot(catalog).Append(1, 1);
            _bench.Outbox.SpillAll();
        }

        Assert.Equal(1, _bench.Outbox.Gaps.Unsent().Rows);
        for (byte catalog = 2; catalog <= 5; catalog++)
        {
            _bench.Outbox.TakeNextToSend(out var entry);
            Assert.Equal(catalog, _bench.Outbox.Catalog(entry.CatalogHash)[1]);
            _bench.Outbox.Acknowledge(entry.Epoch, 1);
        }

        Assert.True(_bench.Outbox.IsEmpty);
    }

    private long GapAfter(string file, byte[] content, bool damages = true)
    {
        var others = _bench.SpillFiles.ToDictionary(f => f, System.IO.File.ReadAllBytes);
        System.IO.File.WriteAllBytes(file, content);
        _bench.Boot();
        Assert.Equal(damages ? 1 : 0, _bench.Counters.SpillFilesDamaged);
        Assert.Equal(damages ? 6 : 10, _bench.Counters.RowsInFlash);
        var gap = _bench.Outbox.Gaps.Unsent();
        var rows = gap?.Rows ?? 0;
        gap?.Clear();
        foreach (var (path, bytes) in others)
            System.IO.File.WriteAllBytes(path, bytes);
        foreach (var gaps in Directory.GetFiles(Path.GetDirectoryName(file)!, "gaps?"))
            System.IO.File.Delete(gaps);
        return rows;
    }
}
