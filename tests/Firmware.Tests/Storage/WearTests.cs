using System.Globalization;
using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Storage;

/// <summary>What a day of a room at one row a second does to the flash.</summary>
public sealed class WearTests : IDisposable
{
    private const int Day = 86_400_000;

    private readonly ITestOutputHelper _output;
    private readonly TestMachine _machine = new();
    private readonly BenchBoard _board;
    private readonly Counters _counters = new();
    private readonly DeviceSettings _settings = new();
    private readonly Outbox _outbox;
    private readonly Sampler _sampler;

    public WearTests(ITestOutputHelper output)
    {
        _output = output;
        var room = new SimulatedRoom(1);
        _board = new BenchBoard(room.Climate, room.Contact);
        _board.Time.Set(1_790_000_000_000);
        var spool = new Spool(_board, _counters, _settings, 1);
        spool.Describe(new DeviceIdentity(1, "test", new byte[900]));
        _outbox = new Outbox(_settings.OutboxBytes, _settings.OutboxMessages, _counters, spool);
        var batch = new Batch(
            _board,
            _settings.RowsPerMessage,
            1,
            _outbox,
            new WireWriter(ProtocolLimits.MessageBytes)
        );
        _sampler = new Sampler(_board, batch, _settings, _counters);
    }

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void A_day_with_a_link_writes_what_a_power_cut_would_lose_every_minute_and_nothing_else()
    {
        Live(Day, linked: true);
        _output.WriteLine($"{_machine.Machine.Flash.BytesWritten} bytes");

        // firmware/README.md, "How a row travels", as all figures here.
        Assert.Equal(1421 * 92, _machine.Machine.Flash.BytesWritten);
        Assert.Equal(2 * 86_400, _counters.RowsSampled);
    }

    [Fact]
    public void A_day_without_a_link_writes_little_more_than_the_rows_themselves()
    {
        Live(Day, linked: false);
        var files = _counters.SpillFilesWritten;
        var held = _counters.RowsInFlash + (_counters.RowsSampled - _counters.RowsSpilled);
        _output.WriteLine(
            $"{_machine.Machine.Flash.BytesWritten / 1024} KiB in {files} files for {_counters.RowsSampled} rows; "
                + $"{held} rows held, the last {held / 2 / 3600.0:F1} hours"
        );

        Assert.Equal(1114, _machine.Machine.Flash.BytesWritten / 1024);
        Assert.Equal(204, files);
        Assert.Equal("4.7", (held / 2 / 3600.0).ToString("F1", CultureInfo.InvariantCulture));
        Assert.Equal(_counters.RowsSampled, held + _counters.RowsDropped);
    }

    private void Live(long milliseconds, bool linked)
    {
        for (var until = _board.Time.BootMs + milliseconds; _board.Time.BootMs < until; )
        {
            _board.Time.BootMs += _sampler.Step();
            _outbox.StepSpill(_settings.SpillAfterMs);
            while (linked && _outbox.TakeNextToSend(out var entry) is not null)
                _outbox.Acknowledge(entry.Epoch, entry.Sequence);
        }
    }
}
