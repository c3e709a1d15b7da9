using IoTGateway.VirtualDevice.StandIns;
using nanoFramework.Hardware.Esp32;

// nanoFramework.System.Device.I2c, as far as the firmware uses it.
namespace System.Device.I2c;

internal enum I2cBusSpeed
{
    StandardMode,
    FastMode,
}

internal enum I2cTransferStatus
{
    UnknownError,
    FullTransfer,
    ClockStretchTimeout,
    PartialTransfer,
    SlaveAddressNotAcknowledged,
}

/// <summary>A transfer that failed throws nothing: whoever does not look at the status reads old bytes.</summary>
internal readonly struct I2cTransferResult(I2cTransferStatus status, uint bytesTransferred)
{
    public I2cTransferStatus Status { get; } = status;

    public uint BytesTransferred { get; } = bytesTransferred;
}

internal sealed class I2cConnectionSettings(int busId, int deviceAddress, I2cBusSpeed busSpeed)
{
    public I2cConnectionSettings(int busId, int deviceAddress)
        : this(busId, deviceAddress, I2cBusSpeed.FastMode) { }

    public int BusId { get; } = busId;

    public int DeviceAddress { get; } = deviceAddress;

    public I2cBusSpeed BusSpeed { get; } = busSpeed;
}

internal sealed class I2cDevice : IDisposable
{
    private readonly Machine _machine;
    private readonly Wiring _wiring;

    public I2cDevice(I2cConnectionSettings settings)
    {
        ConnectionSettings = settings;
        _machine = Machine.Current;
        _wiring = _machine.Wiring;
        _wiring.AddressesOpened[settings.DeviceAddress] = true;
    }

    public I2cConnectionSettings ConnectionSettings { get; }

    public static I2cDevice Create(I2cConnectionSettings settings) => new(settings);

    public I2cTransferResult Read(SpanByte buffer) => WriteRead(default, buffer);

    public I2cTransferResult Write(SpanByte buffer) => WriteRead(buffer, default);

    public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer)
    {
        _machine.NeedPower();
        // Pins that were never given to the bus carry nothing: nobody answers there, as on the board.
        if (!_wiring.Has(DeviceFunction.I2C1_DATA) || !_wiring.Has(DeviceFunction.I2C1_CLOCK))
            return new(I2cTransferStatus.SlaveAddressNotAcknowledged, 0);

        return _wiring.I2c.Transfer(ConnectionSettings.DeviceAddress, writeBuffer.AsSpan(), readBuffer.AsSpan());
    }

    public void Dispose() { }
}
