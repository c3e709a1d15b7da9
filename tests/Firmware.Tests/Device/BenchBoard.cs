using System.Device.Gpio;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;

namespace Firmware.Tests.Device;

/// <summary>A third board, for parts of the firmware by themselves; its clocks stand where a test puts them.</summary>
internal sealed class BenchBoard(params ISensor[] sensors) : IBoard
{
    public string Name => "bench";

    public byte ResetReason => 0;

    public BenchClock Time { get; } = new();

    public IClock Clock => Time;

    public Random Random { get; } = new(1);

    public Counters Counters { get; } = new();

    public ISensor[] Sensors { get; } = sensors;

    public GpioPin Led => throw new NotSupportedException("nothing under test here has a pin");

    public RowsSealed? RowsSealed => null;

    public List<string> Lines { get; } = [];

    public void Log(string line) => Lines.Add(line);

    public void Reboot() => throw new NotSupportedException("nothing under test here reboots");
}

internal sealed class BenchClock : IClock
{
    public long BootMs { get; set; }

    public long? UnixAtBootMs { get; set; }

    public bool IsSet => UnixAtBootMs is not null;

    public long SinceBootMs() => BootMs;

    public long UnixMs() => (UnixAtBootMs ?? 0) + BootMs;

    public void Set(long unixMs) => UnixAtBootMs = unixMs - BootMs;

    public void Wait(AutoResetEvent signal, int milliseconds) => BootMs += milliseconds;

    public void Rest(int milliseconds) => BootMs += milliseconds;
}
