using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.Extensions.Options;

namespace IoTGateway.Links;

/// <summary>What is asked of every sender, whether he opens a link or sends a request. Each check answers null where all is well.</summary>
internal sealed class SenderCheck(
    DeviceRegistry registry,
    LinkTable links,
    AttemptLimiter attempts,
    ReturnSpread spread,
    IOptions<SecurityOptions> security
)
{
    private readonly string[] _origins = security.Value.AllowedOrigins.Split(
        ',',
        StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries
    );

    public HandshakeAnswer? Origin(HttpRequest request) =>
        request.Headers.Origin.Count > 0 && !request.Headers.Origin.All(origin => _origins.Contains(origin))
            ? HandshakeAnswer.Refuse(
                HandshakeRefusal.Origin,
                403,
                "Pages of this origin may not open a device link; Security:AllowedOrigins names those that may."
            )
            : null;

    public HandshakeAnswer? Credentials(HttpRequest request)
    {
        var header = request.Headers.Authorization is [{ } only] ? only : string.Empty;
        var parsed = Security.Credentials.TryParse(header, out var credentials);
        // No credentials, an unknown device and a wrong secret all go through here, at the same cost.
        return registry.Authenticate(parsed ? credentials.Device.ToString() : null, credentials.Secret) switch
        {
            Authentication.Succeeded => null,
            Authentication.Disabled => HandshakeAnswer.Refuse(
                HandshakeRefusal.Disabled,
                403,
                "This device is disabled: 'iotgw device enable' lets it in again."
            ),
            _ => WrongCredentials(),
        };
    }

    public static HandshakeAnswer WrongCredentials() =>
        HandshakeAnswer
            .Refuse(
                HandshakeRefusal.Credentials,
                401,
                "Send 'Authorization: Bearer <deviceId>.<secret>' with the token that 'iotgw device add' or 'rotate' has printed."
            )
            .With("WWW-Authenticate", "Bearer");

    /// <summary>Whose credentials they are, which were right: <see cref="Credentials"/> came before.</summary>
    public static string DeviceOf(HttpRequest request)
    {
        _ = Security.Credentials.TryParse(request.Headers.Authorization.ToString(), out var credentials);
        return credentials.Device.ToString();
    }

    public HandshakeAnswer? Draining() =>
        links.IsDraining
            ? HandshakeAnswer
                .Refuse(HandshakeRefusal.Draining, 503, "This gateway is stopping: come back later.")
                .RetryAfter(spread.Next(links.Count))
            : null;

    public HandshakeAnswer? Room(string device) => links.IsFullFor(device) ? Full() : null;

    public HandshakeAnswer? Pace() => attempts.TryAny(out var wait) ? null : Busy().RetryAfter(wait);

    /// <summary>The same, but it takes nobody's turn.</summary>
    public HandshakeAnswer? ForeseenPace() => attempts.IsReturning ? Busy() : null;

    /// <summary>Takes a place in the table of links.</summary>
    public HandshakeAnswer? Enter(string device) => links.TryEnter(device) ? null : Full();

    public static HandshakeAnswer TooMany(string what, TimeSpan wait) =>
        HandshakeAnswer
            .Refuse(
                HandshakeRefusal.TooManyAttempts,
                429,
                $"Too many {what} from this device or address: wait, and back off with jitter."
            )
            .RetryAfter(wait);

    private static HandshakeAnswer Busy() =>
        HandshakeAnswer.Refuse(
            HandshakeRefusal.Busy,
            503,
            "Many devices connect at this moment: come back a little later."
        );

    private HandshakeAnswer Full() =>
        HandshakeAnswer
            .Refuse(HandshakeRefusal.Full, 503, "All links are taken: come back later, or raise Limits:Connections.")
            .RetryAfter(spread.Next(devices: 0));
}
