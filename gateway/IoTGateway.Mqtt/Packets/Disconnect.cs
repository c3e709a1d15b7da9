using System.Text;

namespace IoTGateway.Mqtt.Packets;

/// <summary>DISCONNECT (MQTT 5.0 §3.14, MQTT 3.1.1 §3.14).</summary>
/// <param name="Code">Why.</param>
/// <param name="Reason">What else the server said.</param>
/// <param name="ServerReference">Where to go instead.</param>
internal readonly record struct Disconnect(byte Code, string? Reason, string? ServerReference)
{
    private static readonly ulong Allowed = PropertySet.Of(
        Property.ReasonString,
        Property.UserProperty,
        Property.ServerReference
    );

    /// <summary>The server wants its clients elsewhere.</summary>
    public bool IsReferral => Code is ReasonCode.UseAnotherServer or ReasonCode.ServerMoved;

    public string InWords() =>
        ServerReference is { Length: > 0 } other
            ? $"{ReasonCode.InWords(Code, Reason)}, to {other}"
            : ReasonCode.InWords(Code, Reason);

    public static bool TryRead(
        int flags,
        ReadOnlySpan<byte> body,
        MqttVersion version,
        out Disconnect disconnect,
        out PacketError error
    )
    {
        var reader = new PacketReader(body);
        // MQTT 3.1.1 §3.14: only a client sends it.
        reader.Require(version == MqttVersion.V5, PacketError.Unexpected);
        reader.Require(flags == 0, PacketError.Reserved);
        byte code = 0;
        string? reason = null;
        string? reference = null;
        // §3.14.2.1: the code and the properties may be left out.
        if (reader.Remaining > 0)
            code = reader.U8();
        if (reader.Remaining > 0)
        {
            var properties = new PropertyReader(ref reader, Allowed);
            while (properties.TryRead())
            {
                if (properties.Id == Property.ReasonString)
                    reason = Encoding.UTF8.GetString(properties.Bytes);
                else if (properties.Id == Property.ServerReference)
                    reference = Encoding.UTF8.GetString(properties.Bytes);
            }
            reader.Require(properties.Error == PacketError.None, properties.Error);
        }
        disconnect = new Disconnect(code, reason, reference);
        return reader.Finish(out error);
    }

    /// <summary>MQTT 3.1.1 has no codes: there it says only that the will is not to be sent.</summary>
    public static void Write(PacketWriter writer, MqttVersion version, byte code)
    {
        writer.Begin(PacketType.Disconnect);
        if (version == MqttVersion.V5 && code != ReasonCode.Success)
            writer.U8(code);
        writer.End();
    }
}
