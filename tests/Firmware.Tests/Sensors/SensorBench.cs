using System.Device.Adc;
using System.Device.I2c;
using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;
using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Hardware.Esp32;

namespace Firmware.Tests.Sensors;

/// <summary>A board with a room's chips on it and no device around: drivers are read by hand, or by the real sampler.</summary>
internal sealed class SensorBench : IDisposable
{
    private readonly TestMachine _folder = new();

    public SensorBench()
    {
        Machine.Current = new Machine(_folder.Flash(""), TimeProvider.System) { Wiring = Room.Wiring };
        Configuration.SetPinFunction(SimulatedRoom.DataPin, DeviceFunction.I2C1_DATA);
        Configuration.SetPinFunction(SimulatedRoom.ClockPin, DeviceFunction.I2C1_CLOCK);
    }

    public SimulatedRoom Room { get; } = new(7);

    public I2cBus Bus => Room.Wiring.I2c;

    public BenchClock Clock { get; } = new();

    public long[] Values { get; } = new long[3];

    public bool[] Present { get; } = new bool[3];

    public Bme280 Bme280() => new("climate", Open(IoTGateway.Device.Sensors.Bme280.DefaultAddress), Clock);

    public Sht31 Sht31() => new("outside", Open(IoTGateway.Device.Sensors.Sht31.DefaultAddress), Clock);

    public AnalogInput Supply(Func<int> signal)
    {
        Room.Wiring.Connect(6, signal);
        return new AnalogInput("supply", new AdcController().OpenChannel(6), 6600);
    }

    /// <summary>What the device said while it sampled.</summary>
    public List<string> Console { get; } = [];

    public bool Read(ISensor sensor)
    {
        Array.Clear(Present);
        return sensor.TryRead(Values, Present);
    }

    /// <summary>So many samples of the sensor, as the device takes them.</summary>
    public Counters Sample(ISensor sensor, int ticks, Action<int>? before = null)
    {
        var board = new BenchBoard(sensor);
        var counters = new Counters();
        var outbox = new Outbox(64 * 1024, 256, counters);
        var batch = new Batch(board, 10, 1, outbox, new WireWriter(ProtocolLimits.MessageBytes));
        var sampler = new Sampler(board, batch, new DeviceSettings(), counters);
        for (var i = 0; i < ticks; i++)
        {
            before?.Invoke(i);
            board.Time.BootMs += sampler.Step();
        }

        Console.AddRange(board.Lines);
        return counters;
    }

    public void Dispose() => _folder.Dispose();

    private static I2cDevice Open(int address) =>
        I2cDevice.Create(new I2cConnectionSettings(1, address, I2cBusSpeed.FastMode));
}
