using IoTGateway.VirtualDevice.StandIns;

namespace IoTGateway.VirtualDevice.Chips;

/// <summary>An SHT31 as its bus shows it (SHT3x-DIS data sheet, version 5, section 4).</summary>
internal sealed class SimulatedSht31(RoomAir air) : II2cChip
{
    private readonly byte[] _data = new byte[6];
    private bool _measured;

    /// <summary>Flips bits of what goes over the wire: byte by byte, the next reading alone.</summary>
    public byte[] FlipOnce { get; set; } = [];

    public int Resets { get; private set; }

    public bool Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != 2)
            return false;
        switch (bytes[0] << 8 | bytes[1])
        {
            case 0x2400:
                Measure();
                return true;
            case 0x30A2:
                Resets++;
                _measured = false;
                return true;
            default:
                return false; // no such command
        }
    }

    /// <summary>Not acknowledged while there is nothing to read.</summary>
    public bool Read(Span<byte> bytes)
    {
        if (!_measured || bytes.Length > _data.Length)
            return false;

        _measured = false;
        _data.AsSpan(0, bytes.Length).CopyTo(bytes);
        for (var i = 0; i < FlipOnce.Length && i < bytes.Length; i++)
            bytes[i] ^= FlipOnce[i];
        FlipOnce = [];
        return true;
    }

    private void Measure()
    {
        air.Step();
        Store(0, (int)Math.Round((air.Celsius + 45) / 175 * 65535));
        Store(3, (int)Math.Round(air.PercentHumidity / 100 * 65535));
        _measured = true;
    }

    private void Store(int at, int raw)
    {
        _data[at] = (byte)(raw >> 8);
        _data[at + 1] = (byte)raw;
        _data[at + 2] = Crc(_data.AsSpan(at, 2));
    }

    // By division of the whole word, unlike the firmware's byte by byte.
    private static byte Crc(ReadOnlySpan<byte> word)
    {
        var rest = (word[0] << 8 | word[1]) ^ 0xFF00;
        rest <<= 8;
        for (var bit = 23; bit >= 8; bit--)
        {
            if ((rest >> bit & 1) != 0)
                rest ^= 0x131 << (bit - 8);
        }

        return (byte)rest;
    }
}
