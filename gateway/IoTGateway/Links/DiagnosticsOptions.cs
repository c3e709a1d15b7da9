namespace IoTGateway.Links;

/// <summary><c>Diagnostics:*</c>.</summary>
internal sealed class DiagnosticsOptions
{
    /// <summary>Opens <c>/v1/echo</c> on loopback, for WebSocket conformance suites.</summary>
    public bool Echo { get; set; }

    /// <summary>The step at which the process kills itself, for tests of crashes.</summary>
    public Commands.CrashPoint KillAt { get; set; }
}
