namespace IoTGateway.Mqtt;

/// <summary>Where a broker listens.</summary>
/// <param name="Host">Name or address; with TLS its certificate must be for it.</param>
/// <param name="Port">TCP port.</param>
/// <param name="UseTls">TLS 1.2 or 1.3.</param>
public sealed record MqttBroker(string Host, int Port, bool UseTls)
{
    private const int PlainPort = 1883;
    private const int TlsPort = 8883;

    /// <summary>Reads <c>mqtt://host[:1883]</c> or <c>mqtts://host[:8883]</c>.</summary>
    /// <param name="url">Without user, path and query.</param>
    /// <param name="broker">Null where the answer is false.</param>
    public static bool TryParse(string url, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MqttBroker? broker)
    {
        broker = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("mqtt" or "mqtts"))
            return false;
        if (uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.PathAndQuery.TrimStart('/').Length > 0)
            return false;
        var tls = uri.Scheme == "mqtts";
        var port = uri.Port > 0 ? uri.Port : (tls ? TlsPort : PlainPort);
        broker = new MqttBroker(uri.DnsSafeHost, port, tls);
        return true;
    }

    /// <summary>As <see cref="TryParse"/> reads it.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':') ? $"[{Host}]" : Host;
        return $"{(UseTls ? "mqtts" : "mqtt")}://{host}:{Port}";
    }
}
