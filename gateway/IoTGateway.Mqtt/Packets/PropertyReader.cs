namespace IoTGateway.Mqtt.Packets;

/// <summary>Reads a packet's properties (MQTT 5.0 §2.2.2), each of its own type and only where it is allowed.</summary>
internal ref struct PropertyReader
{
    private readonly ulong _allowed;
    private PacketReader _reader;
    private ulong _seen;

    /// <param name="packet">Stands before the property length; afterwards behind the properties.</param>
    /// <param name="allowed">From <see cref="PropertySet"/>.</param>
    public PropertyReader(ref PacketReader packet, ulong allowed)
    {
        _allowed = allowed;
        _reader = new PacketReader(packet.Take(packet.VarInt()));
    }

    public readonly PacketError Error => _reader.Error;

    public Property Id { get; private set; }

    /// <summary>The value of a number.</summary>
    public uint Number { get; private set; }

    /// <summary>The value of a text or of binary data.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The next property; false at their end or at the first that is wrong.</summary>
    public bool TryRead()
    {
        if (!_reader.Ok || _reader.Remaining == 0)
            return false;
        var id = _reader.VarInt();
        var bit = id < 64 ? 1UL << id : 0;
        var isAllowed = (_allowed & bit) != 0;
        var isSecond = (_seen & bit & ~PropertySet.Repeatable) != 0;
        _reader.Require(isAllowed && !isSecond, PacketError.BadProperty);
        if (!_reader.Ok)
            return false;
        _seen |= bit;
        Id = (Property)id;
        ReadValue();
        return _reader.Ok;
    }

    /// <summary>A value that only 0 and 1 may be.</summary>
    public bool Flag()
    {
        _reader.Require(Number <= 1, PacketError.Reserved);
        return Number == 1;
    }

    /// <summary>A value that may not be 0.</summary>
    public uint Positive()
    {
        _reader.Require(Number > 0, PacketError.Reserved);
        return Number;
    }

    /// <summary>Reads over all that is left.</summary>
    public PacketError Skip()
    {
        while (TryRead()) { }
        return Error;
    }

    private void ReadValue()
    {
        switch (Id)
        {
            case Property.PayloadFormat
            or Property.MaximumQos
            or Property.RetainAvailable
            or Property.WildcardAvailable
            or Property.SubscriptionIdentifiersAvailable
            or Property.SharedAvailable:
                Number = _reader.U8();
                break;
            case Property.ServerKeepAlive
            or Property.ReceiveMaximum
            or Property.TopicAliasMaximum
            or Property.TopicAlias:
                Number = _reader.U16();
                break;
            case Property.MessageExpiry or Property.SessionExpiry or Property.MaximumPacketSize:
                Number = _reader.U32();
                break;
            case Property.SubscriptionIdentifier:
                Number = (uint)_reader.VarInt();
                break;
            case Property.CorrelationData or Property.AuthenticationData:
                Bytes = _reader.Binary();
                break;
            case Property.UserProperty:
                _reader.Text();
                Bytes = _reader.Text();
                break;
            default:
                Bytes = _reader.Text();
                break;
        }
    }
}
