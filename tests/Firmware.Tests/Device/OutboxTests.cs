using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Device;

public class OutboxTests
{
    private readonly Counters _counters = new();

    [Fact]
    public void Bytes_come_out_as_they_went_in_however_often_the_ring_wraps()
    {
        var outbox = new Outbox(1000, 16, _counters);
        var random = new Random(1);
        for (var sequence = 1u; sequence <= 500; sequence++)
        {
            var bytes = new byte[1 + random.Next(300)];
            random.NextBytes(bytes);
            Append(outbox, sequence, bytes);

            Assert.Equal(bytes, outbox.TakeNextToSend(out var entry));
            Assert.Equal(sequence, entry.Sequence);
            if (random.Next(2) == 0)
                outbox.Acknowledge(1, sequence - 1);
        }
    }

    [Fact]
    public void An_ACK_is_cumulative_within_its_epoch_only()
    {
        var outbox = new Outbox(1000, 16, _counters);
        for (var sequence = 1u; sequence <= 3; sequence++)
            Append(outbox, sequence, [1]);

        Assert.False(outbox.Acknowledge(2, 3));
        Assert.True(outbox.Acknowledge(1, 2));
        Assert.Equal(1, outbox.Count);
        Assert.Equal(2, _counters.RowsAcknowledged);
    }

    [Fact]
    public void What_is_dropped_is_the_oldest_and_makes_one_gap()
    {
        var outbox = new Outbox(100, 16, _counters);
        for (var sequence = 1u; sequence <= 5; sequence++)
            Append(outbox, sequence, new byte[40]);

        Assert.Equal(4u, outbox.At(0).Sequence);
        Assert.Equal(3, _counters.RowsDropped);
        var gap = outbox.Gaps.Unsent();
        Assert.Equal((10L, 30L, 3L), (gap.FromMs, gap.ToMs, gap.Rows));
    }

    [Fact]
    public void A_gap_on_its_way_is_frozen_and_later_losses_make_another()
    {
        var outbox = new Outbox(100, 16, _counters);
        for (var sequence = 1u; sequence <= 3; sequence++)
            Append(outbox, sequence, new byte[40]);
        var first = outbox.Gaps.Unsent();
        first.Sent = true;
        Append(outbox, 4, new byte[40]);
        var second = outbox.Gaps.Unsent();

        Assert.NotSame(first, second);
        Assert.Equal((1L, 1L), (first.Rows, second.Rows));
        outbox.Gaps.TelemetrySent(5);
        outbox.Gaps.Acknowledged(4);
        Assert.Equal(1, first.Rows);
        outbox.Gaps.Acknowledged(5);
        Assert.Equal(0, first.Rows);
    }

    [Fact]
    public void A_refused_message_in_the_middle_does_not_stop_those_around_it()
    {
        var outbox = new Outbox(1000, 16, _counters);
        for (var sequence = 1u; sequence <= 3; sequence++)
            Append(outbox, sequence, [(byte)sequence]);
        outbox.Refuse(1, 2);

        Assert.Equal([1], outbox.TakeNextToSend(out _));
        Assert.Equal([3], outbox.TakeNextToSend(out _));
        Assert.Equal(2, outbox.InFlight());
        outbox.Acknowledge(1, 3);
        Assert.Equal(0, outbox.Count);
        Assert.Equal((1L, 2L), (_counters.RowsRefused, _counters.RowsAcknowledged));
    }

    private static void Append(Outbox outbox, uint sequence, byte[] bytes)
    {
        var writer = new WireWriter(1000);
        writer.Bytes(bytes, 0, bytes.Length);
        outbox.Append(writer, 1, sequence, 1, sequence * 10, sequence * 10, 1);
    }
}
