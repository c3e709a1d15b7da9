using IoTGateway.Protocol.Messages;

namespace IoTGateway.Protocol.Telemetry;

/// <summary>Reads a TELEMETRY block by block into a reused <see cref="RowBlock"/>.</summary>
/// <example>
/// <code>
/// var telemetry = new TelemetryReader(message);
/// while (telemetry.TryReadBlock(catalog, block)) { … }
/// if (telemetry.Error != DecodeError.None) { … }
/// </code>
/// </example>
public ref struct TelemetryReader
{
    private WireReader _reader;
    private int _blocksLeft;
    private int _readingsLeft = ProtocolLimits.ReadingsPerMessage;

    /// <summary>Reads the header of a whole message, its type byte included.</summary>
    public TelemetryReader(ReadOnlySpan<byte> message)
    {
        _reader = new WireReader(message);
        _reader.Expect(MessageType.Telemetry);
        var epoch = _reader.U32();
        var sequence = _reader.U32();
        var clock = _reader.Clock();
        var baseMs = _reader.U64();
        _blocksLeft = _reader.Count(ProtocolLimits.BlocksPerMessage);
        Header = new TelemetryHeader(epoch, sequence, clock, (long)baseMs, _blocksLeft);
        if (epoch == 0 || sequence == 0)
            _reader.Fail(DecodeError.BadValue);
        if (baseMs > ProtocolLimits.LatestUnixMs)
            _reader.Fail(DecodeError.TimeOutOfRange);
        if (_blocksLeft == 0)
            _reader.Fail(DecodeError.BadValue);
    }

    /// <summary>What stands before the blocks; use it only where <see cref="HasIdentity"/>.</summary>
    public TelemetryHeader Header { get; }

    /// <summary>Why reading stopped, or <see cref="DecodeError.None"/> when every block was read.</summary>
    public readonly DecodeError Error => _reader.Error;

    /// <summary>True where epoch and sequence could be read, so that a refusal can name the message.</summary>
    public readonly bool HasIdentity => Header.Epoch != 0 && Header.Sequence != 0;

    /// <summary>Reads the next block; false at the end and on an error.</summary>
    public bool TryReadBlock(Catalog catalog, RowBlock into)
    {
        if (!_reader.Ok)
            return false;
        if (_blocksLeft == 0)
        {
            _reader.Finish();
            return false;
        }
        _blocksLeft--;
        var sensor = catalog.Find(_reader.U8());
        if (sensor is null)
            _reader.Fail(DecodeError.UnknownSensor);
        else
            BlockDecoder.Read(ref _reader, sensor, Header.BaseMs, into, ref _readingsLeft);
        return _reader.Ok;
    }

    /// <summary>What to answer a device for an error.</summary>
    public static RefusedReason ReasonFor(DecodeError error) =>
        error switch
        {
            DecodeError.UnknownSensor => RefusedReason.UnknownSensor,
            DecodeError.TimeOutOfRange => RefusedReason.TimeOutOfRange,
            DecodeError.TooLarge => RefusedReason.TooLarge,
            _ => RefusedReason.Malformed,
        };
}
