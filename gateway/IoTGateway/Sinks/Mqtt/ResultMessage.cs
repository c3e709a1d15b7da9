using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using IoTGateway.Api;
using IoTGateway.Commands;

namespace IoTGateway.Sinks.Mqtt;

/// <summary>A change of a command as it is published, or the refusal of what became none. What is null is left out.</summary>
/// <param name="Id">The command's id; null for a refusal.</param>
/// <param name="IdempotencyKey">The <c>id</c> that its sender gave, or its idempotency key.</param>
/// <param name="Name">What to do.</param>
/// <param name="Arguments">With what.</param>
/// <param name="Status">As in the API; <c>refused</c> for what became no command.</param>
/// <param name="Result">What the device answered, or why there is none.</param>
/// <param name="Time">Of the change, Unix milliseconds.</param>
/// <param name="By">Who made the change.</param>
internal sealed record ResultMessage(
    Guid? Id,
    string? IdempotencyKey,
    string Name,
    JsonElement? Arguments,
    string Status,
    JsonElement? Result,
    long Time,
    string By
)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static ResultMessage Of(DeviceCommand command) =>
        new(
            command.Id,
            command.IdempotencyKey is { } key && !DeliveryMark.Is(key) ? key : null,
            command.Name,
            DeviceJson.Parse(command.Arguments),
            Words.Of(command.Status),
            DeviceJson.Parse(command.Result),
            command.Changes[^1].AtMs,
            command.Changes[^1].By
        );

    public static ResultMessage Refusal(string name, string? id, string error, DateTimeOffset now) =>
        new(
            null,
            id,
            name,
            null,
            Words.Of(CommandStatus.Refused),
            JsonSerializer.SerializeToElement(new { error }),
            now.ToUnixTimeMilliseconds(),
            CommandChange.Gateway
        );

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}
