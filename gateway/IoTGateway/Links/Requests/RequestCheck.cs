using System.Globalization;
using IoTGateway.Protocol;
using IoTGateway.Security;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace IoTGateway.Links.Requests;

/// <summary>Decides whether a request is heard, before its body is read. The order stands in PROTOCOL.md, "HTTP".</summary>
internal sealed class RequestCheck(SenderCheck sender, AttemptLimiter attempts, LimitsOptions limits)
{
    private static readonly BinaryBody Binary = new();
    private static readonly JsonBody Json = new();

    /// <summary>Checks what stands before the body.</summary>
    /// <returns>Why it is refused; null where it is not.</returns>
    public HandshakeAnswer? Check(HttpRequest request, out DeviceRequest asked)
    {
        asked = default;
        if (!HttpMethods.IsPost(request.Method))
            return HandshakeAnswer
                .Refuse(HandshakeRefusal.Method, 405, "Send messages with POST.")
                .With("Allow", "POST");
        if (FormatOf(request) is not { } format)
            return HandshakeAnswer.Refuse(
                HandshakeRefusal.ContentType,
                415,
                $"Send 'Content-Type: {BinaryBody.ContentType}', or '{JsonBody.PackType}' for a SenML pack."
            );
        if (
            !TryRead(request.Query["wait"], 0, ProtocolLimits.WaitSeconds, out var wait)
            || !TryRead(request.Query["every"], 1, ProtocolLimits.EverySeconds, out var every)
        )
            return HandshakeAnswer.Refuse(
                HandshakeRefusal.Parameter,
                400,
                $"'wait' is whole seconds from 0 to {ProtocolLimits.WaitSeconds}, 'every' from 1 to {ProtocolLimits.EverySeconds}; both may be left out."
            );
        if ((sender.Origin(request) ?? sender.Credentials(request)) is { } refused)
            return refused;
        var device = SenderCheck.DeviceOf(request);
        asked = new DeviceRequest(
            device,
            TimeSpan.FromSeconds(wait ?? 0),
            TimeSpan.FromSeconds(Math.Max(every ?? 0, limits.PingSeconds)),
            format
        );
        return attempts.TryRequest(device, out var later) ? sender.Draining() : SenderCheck.TooMany("requests", later);
    }

    /// <summary>Whether the credentials of a request are right at this moment as well.</summary>
    public bool StillAllows(HttpRequest request) => sender.Credentials(request) is null;

    private static IBodyFormat? FormatOf(HttpRequest request) =>
        !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? null
        : type.MediaType.Equals(BinaryBody.ContentType, StringComparison.OrdinalIgnoreCase) ? Binary
        : type.MediaType.Equals(JsonBody.PackType, StringComparison.OrdinalIgnoreCase) ? Json
        : type.MediaType.Equals(JsonBody.ControlType, StringComparison.OrdinalIgnoreCase) ? Json
        : null;

    private static bool TryRead(StringValues values, int least, int most, out int? seconds)
    {
        seconds = null;
        if (values.Count == 0)
            return true;
        if (
            values.Count > 1
            || !int.TryParse(values[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
            return false;
        seconds = number;
        return number >= least && number <= most;
    }
}
