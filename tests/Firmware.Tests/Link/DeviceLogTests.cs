using Firmware.Tests.Device;
using Firmware.Tests.Wire;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Link;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Link;

public class DeviceLogTests
{
    private readonly BenchBoard _board = new();
    private readonly DeviceSettings _settings = new();
    private readonly Counters _counters = new();
    private readonly DeviceLog _log;

    public DeviceLogTests() => _log = new DeviceLog(_board, _settings, _counters);

    [Fact]
    public void What_is_below_the_level_stays_on_the_console()
    {
        _settings.TrySetLogLevel("warning");
        _log.Write(LogLevel.Information, "a", "quiet");
        _log.Write(LogLevel.Warning, "a", "loud");

        Assert.Equal(["a: quiet", "a: loud"], _board.Lines);
        Assert.Equal(["3 a loud"], Taken());
    }

    [Fact]
    public void Sixteen_wait_and_those_without_room_are_counted_and_told()
    {
        for (var i = 0; i < 20; i++)
            _log.Write(LogLevel.Error, "a", $"message {i}");
        var taken = Taken();

        Assert.Equal(4, _counters.LogsDropped);
        Assert.Equal(17, taken.Count);
        Assert.Equal(("4 a message 0", "4 a message 15"), (taken[0], taken[15]));
        Assert.Equal("3 log 4 messages had no room and were dropped", taken[16]);
    }

    [Fact]
    public void A_message_that_repeats_itself_is_one_with_a_count()
    {
        for (var i = 0; i < 1000; i++)
            _log.Write(LogLevel.Warning, "link", "no connection");

        Assert.Equal(["3 link no connection (1000 times)"], Taken());
        Assert.Equal(0, _counters.LogsDropped);
    }

    [Fact]
    public void A_long_message_is_cut()
    {
        _log.Write(LogLevel.Warning, "link", new string('x', 5000));

        Assert.Equal("3 link ".Length + 256, Taken()[0].Length);
    }

    private List<string> Taken()
    {
        var taken = new List<string>();
        var writer = new WireWriter(ProtocolLimits.MessageBytes);
        while (_log.TryTake(writer))
        {
            var log = DeviceMessageReader.Log(writer.ToArray());
            taken.Add($"{log?.Level} {log?.Category} {log?.Message}");
        }

        return taken;
    }
}
