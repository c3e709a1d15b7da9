using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Device;

/// <summary>What a reading costs a board in bytes on the air.</summary>
public class CostTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(10, 2.2)]
    [InlineData(60, 1.4)]
    public void A_reading_of_a_room_costs_little_over_a_byte(int rows, double mostBytes)
    {
        var bench = new Bench(rows, new SimulatedRoom(1).Climate);
        bench.Sample(rows * 20);
        long bytes = 0;
        for (var i = 0; i < bench.Outbox.Count; i++)
            bytes += bench.Outbox.TakeNextToSend(out _)!.Length;
        var perReading = bytes / (rows * 20.0 * 3);
        output.WriteLine($"{rows} rows: {perReading:F2} bytes a reading");

        Assert.InRange(perReading, 0.5, mostBytes);
    }

    private sealed class Bench
    {
        private readonly BenchBoard _board;
        private readonly Sampler _sampler;

        public Bench(int rows, params ISensor[] sensors)
        {
            _board = new BenchBoard(sensors);
            _board.Time.Set(1_790_000_000_000);
            var counters = new Counters();
            Outbox = new Outbox(64 * 1024, 256, counters);
            var batch = new Batch(_board, rows, 1, Outbox, new WireWriter(ProtocolLimits.MessageBytes));
            var settings = new DeviceSettings { RowsPerMessage = rows };
            _sampler = new Sampler(_board, batch, settings, counters);
        }

        public Outbox Outbox { get; }

        public void Sample(int ticks)
        {
            for (var i = 0; i < ticks; i++)
                _board.Time.BootMs += _sampler.Step();
        }
    }
}
