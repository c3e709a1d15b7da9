namespace IoTGateway.Links;

/// <summary><c>Diagnostics:*</c>.</summary>
internal sealed class DiagnosticsOptions
{
    /// <summary>Opens <c>/v1/echo</c> on loopback, for WebSocket conformance suites.</summary>
    public bool Echo { get; set; }
}
