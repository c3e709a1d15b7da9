using System.Device.Gpio;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Runtime.Native;

namespace IoTGateway.VirtualDevice;

/// <summary>The board a virtual device pretends to be: a room with a climate, a door, and an LED.</summary>
internal sealed class VirtualBoard : IBoard
{
    public const int LedPin = 2;
    public const int ContactPin = 4;

    private readonly VirtualDeviceOptions _options;
    private readonly Machine _machine = Machine.Current;

    public VirtualBoard(
        VirtualDeviceOptions options,
        SimulatedRoom room,
        VirtualClock clock,
        byte resetReason,
        int seed
    )
    {
        _options = options;
        Clock = clock;
        ResetReason = resetReason;
        Random = new Random(seed);
        Led = new GpioController().OpenPin(LedPin, PinMode.Output);
        Sensors =
        [
            SimulatedRoom.ClimateFor(clock),
            SimulatedRoom.ContactFor(clock),
            new BoardHealthSensor(clock, Counters),
            .. options.HasSignal ? [new SimulatedRadio(new Random(seed + 1))] : Array.Empty<ISensor>(),
        ];
        RowsSealed = options.OnRow is null ? null : TellRows;
    }

    public string Name => "virtual";

    public byte ResetReason { get; }

    public IClock Clock { get; }

    public Random Random { get; }

    public Counters Counters { get; } = new();

    public ISensor[] Sensors { get; }

    public GpioPin Led { get; }

    public RowsSealed? RowsSealed { get; }

    /// <summary>
    /// The firmware tells of each write that fails; where it failed for want of power, nothing more is told or computed.
    /// </summary>
    public void Log(string line)
    {
        _machine.NeedPower();
        _options.Log?.Invoke(line);
    }

    public void Reboot() => Power.RebootDevice();

    private void TellRows(SensorRows rows, int from, int count, byte clock, uint epoch, uint sequence)
    {
        var fields = rows.Sensor.Fields;
        for (var row = from; row < from + count; row++)
        {
            var readings = new List<VirtualReading>(fields.Length);
            for (var f = 0; f < fields.Length; f++)
            {
                if (rows.Present[f][row])
                    readings.Add(
                        new(fields[f].Name, (VirtualFieldType)fields[f].Type, rows.Values[f][row], fields[f].Exponent)
                    );
            }

            _options.OnRow?.Invoke(
                new(rows.Sensor.Measurement, rows.Times[row], clock == 1, epoch, sequence, readings)
            );
        }
    }
}
