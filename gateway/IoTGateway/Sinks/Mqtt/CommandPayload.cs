using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IoTGateway.Commands;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>What a message on a command topic holds: the arguments, and beside them <c>id</c> and <c>ttlSeconds</c>.</summary>
/// <param name="Arguments">A JSON object without those two; empty for none.</param>
/// <param name="Id">The sender's own name for its wish; null where it gave none.</param>
/// <param name="TimeToLive">How long the command may be run.</param>
/// <param name="Error">What is wrong with it, and what is allowed; null for nothing.</param>
internal readonly record struct CommandPayload(string Arguments, string? Id, TimeSpan TimeToLive, string? Error)
{
    private const string IdName = "id";
    private const string TtlName = "ttlSeconds";
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static CommandPayload Read(ReadOnlySpan<byte> bytes)
    {
        if (Parse(bytes) is not { ValueKind: JsonValueKind.Object } json)
            return Wrong(null, "The payload is a JSON object of arguments; {} for none.");
        string? id = null;
        var ttl = CommandOrder.DefaultTimeToLive;
        if (json.TryGetProperty(IdName, out var given))
        {
            if (given.ValueKind != JsonValueKind.String)
                return Wrong(null, "'id' is a string.");
            id = given.GetString();
        }
        if (json.TryGetProperty(TtlName, out var seconds))
        {
            if (seconds.ValueKind != JsonValueKind.Number || !seconds.TryGetInt32(out var count))
                return Wrong(id, "'ttlSeconds' is a whole number of seconds.");
            ttl = TimeSpan.FromSeconds(count);
        }
        return new CommandPayload(ArgumentsOf(json), id, ttl, null);
    }

    private static CommandPayload Wrong(string? id, string error) => new(string.Empty, id, default, error);

    private static JsonElement? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonText.Parse(Strict.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string ArgumentsOf(JsonElement json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var count = 0;
        using (var writer = new Utf8JsonWriter(buffer, Plain))
        {
            writer.WriteStartObject();
            foreach (var property in json.EnumerateObject())
            {
                if (property.Name is IdName or TtlName)
                    continue;
                property.WriteTo(writer);
                count++;
            }
            writer.WriteEndObject();
        }
        return count == 0 ? string.Empty : Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
