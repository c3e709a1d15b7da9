using System.Text.Json;

namespace IoTGateway;

/// <summary>How members of enums are written in JSON, in labels and in logs for programs.</summary>
internal static class Words
{
    /// <summary>snake_case, or <c>unknown</c> for a number that has no name.</summary>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum =>
        Enum.IsDefined(value) ? JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()) : "unknown";
}
