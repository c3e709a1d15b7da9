using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.System.Device.Adc, as far as the firmware uses it.
namespace System.Device.Adc;

internal sealed class AdcController
{
    private readonly Wiring _wiring = Machine.Current.Wiring;

    public AdcChannel OpenChannel(int channelNumber)
    {
        _wiring.AdcChannelsOpened[channelNumber] = true;
        return new AdcChannel(_wiring, channelNumber);
    }
}

/// <summary>12 bits, as every ESP32 has by default.</summary>
internal sealed class AdcChannel(Wiring wiring, int channelNumber) : IDisposable
{
    public int ReadValue() => wiring.ReadAdc(channelNumber);

    public void Dispose() { }
}
