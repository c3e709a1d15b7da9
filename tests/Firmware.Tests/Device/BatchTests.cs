using Firmware.Tests.Wire;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Device;

public class BatchTests
{
    [Fact]
    public void Rows_that_do_not_fit_one_message_go_into_several_and_none_is_lost()
    {
        var sensor = new WideSensor();
        var board = new BenchBoard(sensor);
        var outbox = new Outbox(1 << 20, 64, new Counters());
        var batch = new Batch(board, 100, 1, outbox, new WireWriter(ProtocolLimits.MessageBytes));
        var random = new Random(1);
        for (var row = 0; row < 100; row++)
        {
            var values = sensor.Fields.Select(_ => random.NextInt64(long.MinValue, long.MaxValue)).ToArray();
            batch.Add(0, ClockFlag.Unix, 1000 + row, values, [.. values.Select(_ => true)]);
        }

        batch.Seal();
        var times = new List<long>();
        while (outbox.TakeNextToSend(out _) is { } message)
        {
            Assert.InRange(message.Length, 1, ProtocolLimits.MessageBytes);
            times.AddRange(DeviceMessageReader.Telemetry(message, [sensor.Fields])!.Blocks[0].TimesMs);
        }

        Assert.Equal(Enumerable.Range(1000, 100).Select(t => (long)t), times);
        Assert.Equal(outbox.At(outbox.Count - 1).Sequence, batch.LastSequence);
    }

    [Fact]
    public void A_clock_set_back_seals_what_was_there_so_that_blocks_ascend()
    {
        var board = new BenchBoard(new WideSensor());
        board.Time.Set(1_790_000_000_000);
        var settings = new DeviceSettings();
        var outbox = new Outbox(1 << 20, 64, new Counters());
        var batch = new Batch(board, 10, 1, outbox, new WireWriter(ProtocolLimits.MessageBytes));
        var sampler = new Sampler(board, batch, settings, new Counters());
        sampler.Step();
        board.Time.BootMs += 1000;
        board.Time.Set(1_789_999_000_000);
        sampler.Step();

        Assert.Equal(1, outbox.Count);
        Assert.Equal(1, batch.Rows);
    }

    [Fact]
    public void A_late_row_bears_its_real_time_and_a_punctual_one_its_due_time()
    {
        var board = new BenchBoard(new WideSensor());
        var outbox = new Outbox(1 << 20, 64, new Counters());
        var batch = new Batch(board, 10, 1, outbox, new WireWriter(ProtocolLimits.MessageBytes));
        var sampler = new Sampler(board, batch, new DeviceSettings(), new Counters());
        sampler.Step();
        board.Time.BootMs = 1015;
        Assert.Equal(985, sampler.Step());
        Assert.Equal(1000, batch.LastMs);
        board.Time.BootMs = 5500;
        Assert.Equal(1000, sampler.Step());
        Assert.Equal(5500, batch.LastMs);
    }

    [Fact]
    public void A_composition_that_no_message_could_hold_is_refused_at_boot()
    {
        ISensor[] many = [.. Enumerable.Range(0, 12).Select(_ => new WideSensor())];

        Assert.Throws<InvalidOperationException>(() => Composition.Check(many, new WireWriter(1)));
    }

    private sealed class WideSensor : ISensor
    {
        public string Measurement => "wide";

        public Field[] Fields { get; } =
        [.. Enumerable.Range(0, 32).Select(i => new Field($"f{i}", "", FieldType.Decimal, 0))];

        public bool TryRead(long[] values, bool[] present)
        {
            Array.Fill(present, true);
            return true;
        }
    }
}
