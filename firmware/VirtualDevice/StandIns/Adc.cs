using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.System.Device.Adc, as far as the firmware uses it.
namespace System.Device.Adc;

internal sealed class AdcController
{
    private readonly Machine _machine = Machine.Current;

    public AdcChannel OpenChannel(int channelNumber)
    {
        _machine.Wiring.AdcChannelsOpened[channelNumber] = true;
        return new AdcChannel(_machine, channelNumber);
    }
}

/// <summary>12 bits, as every ESP32 has by default.</summary>
internal sealed class AdcChannel(Machine machine, int channelNumber) : IDisposable
{
    public int ReadValue()
    {
        machine.NeedPower();
        return machine.Wiring.ReadAdc(channelNumber);
    }

    public void Dispose() { }
}
