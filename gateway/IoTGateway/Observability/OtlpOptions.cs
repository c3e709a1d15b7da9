namespace IoTGateway.Observability;

/// <summary><c>Otlp:*</c>: where metrics and traces go, by OTLP over HTTP. Off without an endpoint.</summary>
internal sealed class OtlpOptions
{
    /// <summary>Of the collector, such as <c>http://collector:4318</c>; default: the environment's <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>.</summary>
    public string? Endpoint { get; set; }

    /// <summary><c>name=value,name=value</c>, such as a token the collector wants; default: <c>OTEL_EXPORTER_OTLP_HEADERS</c>.</summary>
    public string? Headers { get; set; }

    /// <summary>Share of the messages that are traced, 0 to 1. Every command is.</summary>
    public double SampleRatio { get; set; } = 0.01;

    /// <summary>Between two exports of the metrics.</summary>
    public int MetricsSeconds { get; set; } = 60;

    public bool IsOn => !string.IsNullOrEmpty(Endpoint);

    /// <summary>What is wrong with the values.</summary>
    public IEnumerable<string> Errors() =>
        Setting.Check(
            Setting.That(
                !IsOn || (Uri.TryCreate(Endpoint, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"),
                $"Otlp:Endpoint is '{Endpoint}': give the collector's address for OTLP over HTTP, such as http://localhost:4318."
            ),
            Setting.That(
                SampleRatio is >= 0 and <= 1,
                FormattableString.Invariant($"Otlp:SampleRatio is {SampleRatio}: allowed is 0 to 1.")
            ),
            Setting.Range("Otlp:MetricsSeconds", MetricsSeconds, 1, 3600)
        );
}
