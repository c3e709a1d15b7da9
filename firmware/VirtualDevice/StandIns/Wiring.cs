using System.Collections.Concurrent;
using nanoFramework.Hardware.Esp32;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>What hangs on a board's pins, and what the firmware made of them.</summary>
internal sealed class Wiring
{
    private readonly ConcurrentDictionary<int, Func<int>> _analog = new();
    private readonly ConcurrentDictionary<int, Func<bool>> _contacts = new();
    private readonly DeviceFunction?[] _pinFunctions = new DeviceFunction?[64];

    public I2cBus I2c { get; } = new();

    public ConcurrentDictionary<int, bool> AdcChannelsOpened { get; } = new();

    public ConcurrentDictionary<int, bool> AddressesOpened { get; } = new();

    /// <summary>A signal on an ADC channel: 0 to 4095 at each reading.</summary>
    public void Connect(int adcChannel, Func<int> signal) => _analog[adcChannel] = signal;

    /// <summary>An input with nothing on it reads low here; on a board it reads anything.</summary>
    public int ReadAdc(int channel) => _analog.TryGetValue(channel, out var signal) ? signal() : 0;

    /// <summary>A contact between a pin and GND: whether it is open.</summary>
    public void Connect(int pin, Func<bool> isOpen) => _contacts[pin] = isOpen;

    /// <summary>A pulled-up pin with nothing on it is high.</summary>
    public bool IsHigh(int pin) => !_contacts.TryGetValue(pin, out var isOpen) || isOpen();

    public bool Has(DeviceFunction function) => Array.IndexOf(_pinFunctions, function) >= 0;

    public void Set(int pin, DeviceFunction function) => _pinFunctions[pin] = function;

    public DeviceFunction? FunctionOf(int pin) => _pinFunctions[pin];
}
