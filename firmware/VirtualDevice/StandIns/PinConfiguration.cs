using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.Hardware.Esp32, as far as the firmware uses it.
namespace nanoFramework.Hardware.Esp32;

#pragma warning disable CA1707 // nanoFramework's own names.
internal enum DeviceFunction
{
    I2C1_DATA,
    I2C1_CLOCK,
    I2C2_DATA,
    I2C2_CLOCK,
}
#pragma warning restore CA1707

internal static class Configuration
{
    public static void SetPinFunction(int pin, DeviceFunction function) => Machine.Current.Wiring.Set(pin, function);
}
