using System.Device.Gpio;
using System.Device.I2c;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.VirtualDevice.Chips;
using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Hardware.Esp32;

namespace IoTGateway.VirtualDevice;

/// <summary>
/// The world outside the board, chips included: it goes on where it was when the board reboots. What the chips show is
/// raw; the firmware's drivers make temperatures of it.
/// </summary>
internal sealed class SimulatedRoom
{
    public const int DataPin = 21;
    public const int ClockPin = 22;

    private readonly Lazy<ISensor> _climate;
    private readonly Lazy<ISensor> _contact;

    public SimulatedRoom(int seed)
    {
        Air = new RoomAir(new Random(seed));
        Bme280 = new SimulatedBme280(Air);
        Sht31 = new SimulatedSht31(Air);
        Door = new SimulatedDoor(new Random(seed + 1));
        Wiring.Connect(VirtualBoard.ContactPin, Door.IsOpen);
        Wiring.I2c.Attach(Device.Sensors.Bme280.DefaultAddress, Bme280);
        Wiring.I2c.Attach(Device.Sensors.Sht31.DefaultAddress, Sht31);
        _climate = new(() => OnItsOwn(() => ClimateFor(new RestlessClock())));
        _contact = new(() => OnItsOwn(() => ContactFor(new RestlessClock())));
    }

    public Wiring Wiring { get; } = new();

    public RoomAir Air { get; }

    public SimulatedBme280 Bme280 { get; }

    public SimulatedSht31 Sht31 { get; }

    public SimulatedDoor Door { get; }

    /// <summary>The room's climate through the firmware's driver, for a bench that has no board: it waits for nothing.</summary>
    public ISensor Climate => _climate.Value;

    /// <summary>The room's door, likewise.</summary>
    public ISensor Contact => _contact.Value;

    /// <summary>The firmware's driver on the board that is <see cref="Machine.Current"/>.</summary>
    public static ISensor ClimateFor(IClock clock)
    {
        Configuration.SetPinFunction(DataPin, DeviceFunction.I2C1_DATA);
        Configuration.SetPinFunction(ClockPin, DeviceFunction.I2C1_CLOCK);
        var settings = new I2cConnectionSettings(1, Device.Sensors.Bme280.DefaultAddress, I2cBusSpeed.FastMode);
        return new Bme280("climate", I2cDevice.Create(settings), clock);
    }

    public static ISensor ContactFor(IClock clock) =>
        new DigitalInput("contact", new GpioController().OpenPin(VirtualBoard.ContactPin, PinMode.InputPullUp), clock);

    private ISensor OnItsOwn(Func<ISensor> build)
    {
        ISensor? sensor = null;
        ExecutionContext.Run(
            ExecutionContext.Capture() ?? throw new InvalidOperationException("a room needs its ExecutionContext"),
            _ =>
            {
                Machine.Current = new Machine("", TimeProvider.System) { Wiring = Wiring };
                sensor = build();
            },
            null
        );
        return sensor!; // assigned by the callback, which ran
    }

    /// <summary>Simulated chips are done at once.</summary>
    private sealed class RestlessClock : IClock
    {
        public bool IsSet => false;

        public long SinceBootMs() => 0;

        public long UnixMs() => 0;

        public void Set(long unixMs) { }

        public void Wait(AutoResetEvent signal, int milliseconds) { }

        public void Rest(int milliseconds) { }
    }
}

/// <summary>A door that is opened now and then and left open for a little while. Looking at it is what makes time pass.</summary>
internal sealed class SimulatedDoor(Random random)
{
    private const double Opens = 0.003;
    private const double Shuts = 0.03;

    private bool _open;

    public bool IsOpen()
    {
        if (random.NextDouble() < (_open ? Shuts : Opens))
            _open = !_open;
        return _open;
    }
}
