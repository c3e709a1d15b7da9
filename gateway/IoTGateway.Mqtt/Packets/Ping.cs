namespace IoTGateway.Mqtt.Packets;

/// <summary>PINGREQ and PINGRESP (MQTT 5.0 §3.12, §3.13): a header and no body.</summary>
internal static class Ping
{
    public static void WriteRequest(PacketWriter writer)
    {
        writer.Begin(PacketType.PingReq);
        writer.End();
    }

    public static PacketError CheckResponse(int flags, ReadOnlySpan<byte> body) =>
        flags != 0 ? PacketError.Reserved
        : body.IsEmpty ? PacketError.None
        : PacketError.TrailingBytes;
}
