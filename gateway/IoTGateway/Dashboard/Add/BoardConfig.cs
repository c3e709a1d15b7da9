using System.Text.Encodings.Web;
using System.Text.Json;
using IoTGateway.VirtualDevice;

namespace IoTGateway.Dashboard.Add;

/// <summary>
/// What a board reads as <c>I:\config.json</c>: the QR code holds it, so that it gets to where the board is made without
/// being typed.
/// </summary>
internal static class BoardConfig
{
    // Small parsers read it: as few escapes as JSON allows.
    private static readonly JsonSerializerOptions Format = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Of(string gateway, string token, TimeProvider time) =>
        JsonSerializer.Serialize(
            new
            {
                gateway,
                token,
                epoch = VirtualDeviceOptions.EpochOf(time.GetUtcNow()),
            },
            Format
        );
}
