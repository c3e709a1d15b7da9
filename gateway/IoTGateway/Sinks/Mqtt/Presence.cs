namespace IoTGateway.Sinks.Mqtt;

/// <summary>What a status topic says.</summary>
internal static class Presence
{
    public static readonly ReadOnlyMemory<byte> Online = "online"u8.ToArray();
    public static readonly ReadOnlyMemory<byte> Offline = "offline"u8.ToArray();

    public static ReadOnlyMemory<byte> Of(bool online) => online ? Online : Offline;
}
