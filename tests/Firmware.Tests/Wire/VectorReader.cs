using System.Text.Json;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

/// <summary>Reads a gateway's message with the firmware's codec, as one comparable line; null where it refuses.</summary>
internal static class VectorReader
{
    public static string Flatten(JsonElement meaning) =>
        string.Join(
            '|',
            meaning.EnumerateObject().Where(p => p.Name != "version" || !IsWelcome(meaning)).Select(Value)
        );

    public static string? Read(string type, WireReader reader) =>
        (type, reader.U8()) switch
        {
            ("WELCOME", MessageType.Welcome) => Welcome(reader),
            ("ACK", MessageType.Ack) => Ack(reader),
            ("COMMAND", MessageType.Command) => Command(reader),
            ("DESIRED", MessageType.Desired) => Desired(reader),
            ("REFUSED", MessageType.Refused) => Refused(reader),
            ("RETRY_AFTER", MessageType.RetryAfter) => RetryAfter(reader),
            _ => null,
        };

    private static bool IsWelcome(JsonElement meaning) => meaning.TryGetProperty("window", out _);

    private static string Value(JsonProperty property) => property.Value.ToString();

    private static string? Welcome(WireReader reader)
    {
        var m = new Welcome();
        return m.TryRead(reader)
            ? $"{m.NowMs}|{m.LastSequence}|{m.PingSeconds}|{m.MaxMessageBytes}|{m.Window}|{(m.WantsCatalog ? 1 : 0)}"
            : null;
    }

    private static string? Ack(WireReader reader)
    {
        var m = new Ack();
        return m.TryRead(reader) ? $"{m.Epoch}|{m.Sequence}" : null;
    }

    private static string? Command(WireReader reader)
    {
        var m = new Command();
        return m.TryRead(reader) ? $"{new Guid(m.Id, bigEndian: true)}|{m.TtlMs}|{m.Name}|{m.Arguments}" : null;
    }

    private static string? Desired(WireReader reader)
    {
        var m = new Desired();
        return m.TryRead(reader) ? $"{m.Version}|{m.Json}" : null;
    }

    private static string? Refused(WireReader reader)
    {
        var m = new Refused();
        return m.TryRead(reader) ? $"{m.Epoch}|{m.Sequence}|{m.Reason}" : null;
    }

    private static string? RetryAfter(WireReader reader)
    {
        var m = new RetryAfter();
        return m.TryRead(reader) ? $"{m.Milliseconds}" : null;
    }
}
