using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IoTGateway.Observability;

/// <summary>Sends what the gateway counts and traces to a collector, while the gateway runs.</summary>
internal sealed class OtlpExport(OtlpOptions options) : IHostedService, IDisposable
{
    private const int LongestFlushMs = 2_000;

    private TracerProvider? _traces;
    private MeterProvider? _metrics;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // Takes OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES as well.
        var resource = ResourceBuilder.CreateEmpty().AddService("iotgw", serviceInstanceId: Environment.MachineName);
        resource.AddEnvironmentVariableDetector();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(Tracing.MessagesSource, Tracing.CommandsSource)
            .SetSampler(new MessageSampler(options.SampleRatio))
            .AddOtlpExporter(exporter => Configure(exporter, "v1/traces"))
            .Build();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(GatewayMetrics.MeterName)
            .AddOtlpExporter(
                (exporter, reader) =>
                {
                    Configure(exporter, "v1/metrics");
                    reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds =
                        options.MetricsSeconds * 1000;
                }
            )
            .Build();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) =>
        // A collector that is away must not hold up the stop.
        Task.Run(
            () =>
            {
                _traces?.Shutdown(LongestFlushMs);
                _metrics?.Shutdown(LongestFlushMs);
            },
            cancellationToken
        );

    public void Dispose()
    {
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    private void Configure(OtlpExporterOptions exporter, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new Uri($"{options.Endpoint!.TrimEnd('/')}/{path}"); // it is on
        if (!string.IsNullOrEmpty(options.Headers))
            exporter.Headers = options.Headers;
    }

    /// <summary>Commands are few and each is somebody's wish: all of them. Of messages, a share.</summary>
    private sealed class MessageSampler(double ratio) : Sampler
    {
        private readonly TraceIdRatioBasedSampler _share = new(ratio);

        public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
            samplingParameters.ParentContext.IsValid()
            || samplingParameters.Name.StartsWith(Tracing.CommandSpan, StringComparison.Ordinal)
                ? new SamplingResult(SamplingDecision.RecordAndSample)
                : _share.ShouldSample(samplingParameters);
    }
}
