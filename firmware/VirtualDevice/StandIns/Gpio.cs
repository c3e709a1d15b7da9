using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.System.Device.Gpio, as far as the firmware uses it.
namespace System.Device.Gpio;

internal enum PinMode
{
    Input,
    InputPullDown,
    InputPullUp,
    Output,
}

internal readonly record struct PinValue(bool IsHigh)
{
    public static PinValue High => new(true);
    public static PinValue Low => new(false);
}

internal sealed class GpioController
{
    private readonly Machine _machine = Machine.Current;

    public GpioPin OpenPin(int pinNumber, PinMode mode)
    {
        if (mode == PinMode.Output)
            _machine.Pins[pinNumber] = false;
        return new GpioPin(_machine, pinNumber, mode);
    }
}

internal sealed class GpioPin(Machine machine, int number, PinMode mode)
{
    public void Write(PinValue value)
    {
        if (mode != PinMode.Output)
            throw new InvalidOperationException($"pin {number} is not an output");

        machine.Pins[number] = value.IsHigh;
    }

    public PinValue Read()
    {
        machine.NeedPower();
        return new(mode == PinMode.Output ? machine.Pins[number] : machine.Wiring.IsHigh(number));
    }

    public void Toggle() => Write(new PinValue(!machine.Pins[number]));
}
