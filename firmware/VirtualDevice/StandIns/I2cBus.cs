using System.Device.I2c;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>A chip on the bus. False is a NACK.</summary>
internal interface II2cChip
{
    bool Write(ReadOnlySpan<byte> bytes);

    bool Read(Span<byte> bytes);
}

/// <summary>The wires between a board and its chips. They can be disturbed, by a test or by a seed.</summary>
internal sealed class I2cBus
{
    private readonly II2cChip?[] _chips = new II2cChip?[128];
    private Random? _noise;
    private double _nackRate;
    private long _nackFrom = long.MaxValue;
    private long _nackUntil;

    /// <summary>So far, failed ones included.</summary>
    public long Transfers { get; private set; }

    public void Attach(int address, II2cChip chip) => _chips[address] = chip;

    public void Detach(int address) => _chips[address] = null;

    /// <summary>After so many more transfers, so many are not acknowledged.</summary>
    public void NackAfter(long transfers, long count)
    {
        _nackFrom = Transfers + transfers;
        _nackUntil = _nackFrom + count;
    }

    /// <summary>From now on each transfer fails with this probability.</summary>
    public void NackAtRandom(double rate, Random noise)
    {
        _nackRate = rate;
        _noise = noise;
    }

    public I2cTransferResult Transfer(int address, ReadOnlySpan<byte> write, Span<byte> read)
    {
        var transfer = Transfers++;
        var disturbed = transfer >= _nackFrom && transfer < _nackUntil;
        if (disturbed || (_noise is not null && _noise.NextDouble() < _nackRate) || _chips[address] is not { } chip)
            return new(I2cTransferStatus.SlaveAddressNotAcknowledged, 0);
        if (write.Length > 0 && !chip.Write(write))
            return new(I2cTransferStatus.PartialTransfer, 0);
        if (read.Length > 0 && !chip.Read(read))
            return new(I2cTransferStatus.PartialTransfer, (uint)write.Length);
        return new(I2cTransferStatus.FullTransfer, (uint)(write.Length + read.Length));
    }
}
