using System.Collections;
using System.Net.Security;
using System.Net.WebSockets.WebSocketFrame;

namespace IoTGateway.VirtualDevice.StandIns;

internal delegate void MessageReceivedEventHandler(object sender, MessageReceivedEventArgs e);

internal enum FragmentationType
{
    NotFragmented,
    FirstFragment,
    Fragment,
    FinalFragment,
}

internal sealed class ClientWebSocketOptions : WebSocketOptions
{
    public SslProtocols SslProtocol { get; set; } = SslProtocols.Tls12;
    public SslVerification SslVerification { get; set; } = SslVerification.CertificateRequired;

    /// <summary>The root that may sign the server's certificate.</summary>
    public X509Certificate? Certificate { get; set; }
}

internal sealed class ClientWebSocketHeaders
{
    private readonly Hashtable _headers = [];

    public string[] Keys => [.. _headers.Keys.Cast<string>()];

    public string? this[string key]
    {
        get => _headers[key] as string;
        set => _headers[key] = value;
    }
}

internal sealed class MessageReceivedEventArgs : EventArgs
{
    public required ReceiveMessageFrame Frame { get; init; }
}

internal sealed class ReceiveMessageFrame
{
    public WebSocketMessageType MessageType { get; init; }
    public FragmentationType Fragmentation { get; init; }
    public bool IsFragmented => Fragmentation != FragmentationType.NotFragmented;
    public int MessageLength { get; init; }
    public required byte[] Buffer { get; init; }
}
