using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IoTGateway.Commands;
using IoTGateway.Mqtt;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>
/// Names a delivery of QoS 1 whose sender gave no id, as the command's idempotency key. The broker sends it again, with
/// DUP and its old packet identifier (MQTT 5.0 §4.4), where the PUBACK was lost: with the connection, or with a gateway
/// that died after the command was on disk.
/// </summary>
internal static class DeliveryMark
{
    private const string Start = "mqtt-qos1:";

    /// <summary>Identifiers are used again; a session lives 30 s without a connection, so nothing comes again much later.</summary>
    private static readonly TimeSpan Window = 2 * MqttConnection.CommandAge;

    /// <summary>Whether an idempotency key is one of these, and no sender's.</summary>
    public static bool Is(string key) => key.StartsWith(Start, StringComparison.Ordinal);

    /// <summary>The key of a delivery at a moment.</summary>
    public static string KeyOf(MqttMessage message, DateTimeOffset now) =>
        $"{NameOf(message)}{now.ToUnixTimeMilliseconds()}";

    /// <summary>The command that the same delivery has made before; null where it has made none.</summary>
    public static DeviceCommand? Find(MqttMessage message, IEnumerable<DeviceCommand> commands, DateTimeOffset now)
    {
        var name = NameOf(message);
        var oldest = (now - Window).ToUnixTimeMilliseconds();
        return commands.LastOrDefault(command =>
            command.CreatedMs >= oldest
            && command.IdempotencyKey is { } key
            && key.StartsWith(name, StringComparison.Ordinal)
        );
    }

    private static string NameOf(MqttMessage message)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> id = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(id, message.PacketId);
        hash.AppendData(id);
        hash.AppendData(Encoding.UTF8.GetBytes(message.Topic + '\0'));
        hash.AppendData(message.Payload.Span);
        return $"{Start}{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 12))}:";
    }
}
