namespace IoTGateway.Tests.Gateway;

/// <summary>A request to be spoilt header by header.</summary>
internal sealed record RawRequest(string Method, string Path, IReadOnlyList<(string Name, string Value)> Headers)
{
    public const string Key = "dGhlIHNhbXBsZSBub25jZQ==";

    /// <summary>What RFC 6455, section 1.3, answers to <see cref="Key"/>.</summary>
    public const string Accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    /// <summary>A handshake with nothing wrong in it.</summary>
    public static RawRequest Link(string? token)
    {
        var bare = new RawRequest(
            "GET",
            "/v1/link",
            [
                ("Host", "localhost"),
                ("Upgrade", "websocket"),
                ("Connection", "Upgrade"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", Key),
                ("Sec-WebSocket-Protocol", "iotgw.v1"),
            ]
        );
        return token is null ? bare : bare.Plus("Authorization", $"Bearer {token}");
    }

    /// <summary>One more header, even where there is one of that name.</summary>
    public RawRequest Plus(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    public RawRequest Without(string name) => this with { Headers = [.. Headers.Where(header => header.Name != name)] };

    public RawRequest With(string name, string value) => Without(name).Plus(name, value);

    public override string ToString() =>
        $"{Method} {Path} HTTP/1.1\r\n{string.Concat(Headers.Select(header => $"{header.Name}: {header.Value}\r\n"))}\r\n";
}
