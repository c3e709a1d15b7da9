using IoTGateway.VirtualDevice.StandIns;

namespace IoTGateway.VirtualDevice.Chips;

/// <summary>
/// A BME280 as its bus shows it: registers, and raw counts that only its own trimming values turn into a temperature
/// (data sheet, revision 1.6, section 5).
/// </summary>
internal sealed class SimulatedBme280 : II2cChip
{
    private const byte Id = 0xD0;
    private const byte Reset = 0xE0;
    private const byte CtrlHum = 0xF2;
    private const byte Status = 0xF3;
    private const byte CtrlMeas = 0xF4;
    private const byte Data = 0xF7;
    private const byte Forced = 1;

    // Each value measured once is of 16 bits; the four below them stay clear.
    private const int SixteenOf20Bits = ~0xF;
    private const int Skipped20Bit = 0x80000;
    private const int Skipped16Bit = 0x8000;

    private readonly RoomAir _air;
    private readonly byte[] _registers = new byte[256];
    private byte _humidityOversampling;
    private int _pointer;

    public SimulatedBme280(RoomAir air)
    {
        _air = air;
        _registers[Id] = 0x60;
        Bme280Trim.Write(_registers);
        CyclePower();
    }

    /// <summary>How many reads of the status register find each measurement still under way.</summary>
    public int StatusReadsUntilDone { get; set; }

    public byte ChipId
    {
        set => _registers[Id] = value;
    }

    private int Busy { get; set; }

    /// <summary>Settings go back to what they are after power-on; the trimming values are in the chip for good.</summary>
    public void CyclePower()
    {
        _registers[CtrlHum] = 0;
        _registers[CtrlMeas] = 0;
        _humidityOversampling = 0;
        Store(Skipped20Bit, Skipped20Bit, Skipped16Bit);
    }

    public bool Write(ReadOnlySpan<byte> bytes)
    {
        _pointer = bytes[0];
        // Pairs of address and value (section 6.2.1).
        for (var i = 0; i + 1 < bytes.Length; i += 2)
            WriteRegister(bytes[i], bytes[i + 1]);
        return true;
    }

    public bool Read(Span<byte> bytes)
    {
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = ReadRegister((byte)_pointer++);
        return true;
    }

    private byte ReadRegister(byte address)
    {
        if (address != Status)
            return _registers[address];

        return Busy-- > 0 ? (byte)0x08 : (byte)0;
    }

    private void WriteRegister(byte address, byte value)
    {
        if (address == Reset && value == 0xB6)
        {
            CyclePower();
            return;
        }

        _registers[address] = value;
        if (address != CtrlMeas)
            return;

        // ctrl_hum takes effect here (section 5.4.3).
        _humidityOversampling = (byte)(_registers[CtrlHum] & 7);
        if ((value & 3) == Forced)
            Measure(value);
    }

    private void Measure(byte ctrlMeas)
    {
        _air.Step();
        Busy = StatusReadsUntilDone;
        var temperature = Bme280Trim.TemperatureCount(_air.Celsius) & SixteenOf20Bits;
        var fine = Bme280Trim.Fine(temperature);
        var pressure = Bme280Trim.PressureCount(_air.Hectopascals * 100, fine) & SixteenOf20Bits;
        var humidity = Bme280Trim.HumidityCount(_air.PercentHumidity, fine);
        Store(
            (ctrlMeas >> 2 & 7) == 0 ? Skipped20Bit : pressure,
            (ctrlMeas >> 5) == 0 ? Skipped20Bit : temperature,
            _humidityOversampling == 0 ? Skipped16Bit : humidity
        );
        _registers[CtrlMeas] &= 0xFC; // back to sleep
    }

    private void Store(int pressure, int temperature, int humidity)
    {
        Store20(Data, pressure);
        Store20(Data + 3, temperature);
        _registers[Data + 6] = (byte)(humidity >> 8);
        _registers[Data + 7] = (byte)humidity;
    }

    private void Store20(int at, int count)
    {
        _registers[at] = (byte)(count >> 12);
        _registers[at + 1] = (byte)(count >> 4);
        _registers[at + 2] = (byte)(count << 4);
    }
}
