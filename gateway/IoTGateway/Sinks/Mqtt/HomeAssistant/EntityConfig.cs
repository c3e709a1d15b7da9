using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoTGateway.Sinks.Mqtt.HomeAssistant;

/// <summary>
/// One entity as Home Assistant is told of it; the names are its own, in snake_case
/// (https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery). What is null is left out.
/// </summary>
internal sealed record EntityConfig
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public required string Name { get; init; }

    public required string UniqueId { get; init; }

    public string? StateTopic { get; init; }

    public string? ValueTemplate { get; init; }

    public string? UnitOfMeasurement { get; init; }

    public string? DeviceClass { get; init; }

    public string? StateClass { get; init; }

    public string? CommandTopic { get; init; }

    public string? CommandTemplate { get; init; }

    public string? PayloadPress { get; init; }

    public string? PayloadOn { get; init; }

    public string? PayloadOff { get; init; }

    public string? StateOn { get; init; }

    public string? StateOff { get; init; }

    public IReadOnlyList<string>? Options { get; init; }

    public double? Min { get; init; }

    public double? Max { get; init; }

    public double? Step { get; init; }

    public string? Mode { get; init; }

    /// <summary>Of its subscriptions and of its commands.</summary>
    public int Qos { get; init; } = 1;

    public required IReadOnlyList<AvailabilityTopic> Availability { get; init; }

    public string AvailabilityMode { get; init; } = "all";

    public required DeviceBlock Device { get; init; }

    public required OriginBlock Origin { get; init; }

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);
}

/// <summary>Says <c>online</c> or <c>offline</c>, which are Home Assistant's own defaults.</summary>
internal sealed record AvailabilityTopic(string Topic);

/// <summary>What entities of one device share.</summary>
internal sealed record DeviceBlock(string[] Identifiers, string Name, string? Model, string? SwVersion);

/// <summary>Who says so.</summary>
internal sealed record OriginBlock(string Name, string SwVersion);
