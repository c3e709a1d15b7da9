namespace IoTGateway.Links;

/// <summary>What the gateway answers an opening handshake, or a request that it refuses.</summary>
/// <param name="Refusal">Why not; <see cref="HandshakeRefusal.None"/> for 101.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">What to do next, for a person.</param>
/// <param name="Device">Who it is, where that is known.</param>
/// <param name="Subprotocol">The one chosen, of those offered.</param>
/// <param name="Header">A header that belongs to the refusal.</param>
internal sealed record HandshakeAnswer(
    HandshakeRefusal Refusal,
    int Status,
    string Detail,
    string? Device = null,
    string? Subprotocol = null,
    KeyValuePair<string, string>? Header = null
)
{
    public static HandshakeAnswer Switch(string device, string subprotocol) =>
        new(HandshakeRefusal.None, StatusCodes.Status101SwitchingProtocols, "Welcome.", device, subprotocol);

    public static HandshakeAnswer Refuse(HandshakeRefusal refusal, int status, string detail) =>
        new(refusal, status, detail);

    public HandshakeAnswer With(string header, string value) =>
        this with
        {
            Header = new KeyValuePair<string, string>(header, value),
        };

    public HandshakeAnswer RetryAfter(TimeSpan wait) =>
        With("Retry-After", Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString());

    /// <summary>The refusal as <c>application/problem+json</c>.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        if (Header is { } header)
            context.Response.Headers[header.Key] = header.Value;
        var problem = TypedResults.Problem(
            Detail,
            statusCode: Status,
            extensions: [new KeyValuePair<string, object?>("reason", Words.Of(Refusal))]
        );
        await problem.ExecuteAsync(context);
    }
}
