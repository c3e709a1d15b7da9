using System.Text;
using System.Text.Json;
using IoTGateway.Protocol;

namespace IoTGateway.Commands;

/// <summary>What somebody wants done, from wherever it comes: HTTP, the command line, a broker, the dashboard.</summary>
/// <param name="Device">By which device.</param>
/// <param name="Name">What to do.</param>
/// <param name="Arguments">A JSON object; empty for none.</param>
/// <param name="TimeToLive">How long it may be run from now.</param>
/// <param name="IdempotencyKey">The same key again is the same command; null for none.</param>
/// <param name="By">Who asks, such as <c>api:admin</c>, <c>cli:admin</c> or <c>mqtt</c>.</param>
internal sealed record CommandOrder(
    string Device,
    string? Name,
    string Arguments,
    TimeSpan TimeToLive,
    string? IdempotencyKey,
    string By
)
{
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ShortestTimeToLive = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(7);

    /// <summary>The smallest board takes 4,096 bytes a message; the rest is the name and the header.</summary>
    private const int LongestArguments = 3_500;

    /// <summary>What is wrong with it, and what is allowed; null for nothing.</summary>
    public string? Error =>
        this switch
        {
            { HasName: false } =>
                $"'name' has 1 to {ProtocolLimits.NameBytes} bytes, none of them a control character: GET the device to see the commands it has.",
            { HasObject: false } => "'arguments' is a JSON object.",
            _ when Encoding.UTF8.GetByteCount(Arguments) > LongestArguments =>
                $"'arguments' is longer than {LongestArguments} bytes.",
            _ when TimeToLive < ShortestTimeToLive || TimeToLive > LongestTimeToLive =>
                $"'ttlSeconds' is {ShortestTimeToLive.TotalSeconds:0} to {LongestTimeToLive.TotalSeconds:0}.",
            { IdempotencyKey.Length: 0 or > 200 } => "'idempotencyKey' has 1 to 200 characters.",
            _ => null,
        };

    /// <summary>Whether a command that was taken in under this order's key is what this order asks for.</summary>
    public bool AsksFor(DeviceCommand known) =>
        known.Name == Name && known.TimeToLive == TimeToLive && SameJson(known.Arguments, Arguments);

    /// <summary>As the wire takes it: a device ends the link over any other.</summary>
    private bool HasName =>
        Name is { Length: > 0 } name
        && Encoding.UTF8.GetByteCount(name) <= ProtocolLimits.NameBytes
        && !name.Any(char.IsControl);

    private bool HasObject => Arguments.Length == 0 || JsonText.Parse(Arguments) is { ValueKind: JsonValueKind.Object };

    private static bool SameJson(string one, string other) =>
        one == other
        || (
            one.Length > 0
            && other.Length > 0
            && JsonElement.DeepEquals(JsonElement.Parse(one), JsonElement.Parse(other))
        );
}
