using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Sinks.Mqtt;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>The sink with the connection that it publishes on, as one.</summary>
internal sealed class RunningMqttSink : ISink, IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly MqttConnection _connection;
    private readonly MqttSink _sink;

    public RunningMqttSink(SinkRig rig, MqttSinkOptions options)
    {
        _connection = new MqttConnection(
            options,
            new DataOptions { Path = rig.Folder },
            new GatewayMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()),
            TimeProvider.System,
            NullLogger<MqttConnection>.Instance
        );
        _sink = new MqttSink(
            _connection,
            rig.Catalogs,
            rig.Rejected,
            TimeProvider.System,
            NullLogger<MqttSink>.Instance
        );
        _connection.StartAsync(CancellationToken.None).GetAwaiter().GetResult();
    }

    public MqttConnection Connection => _connection;

    public string Name => _sink.Name;

    public SinkCounters Counters => _sink.Counters;

    public JournalOffset? Position => _sink.Position;

    public ValueTask<SinkVerdict> WriteAsync(JournalBatch batch, CancellationToken cancellationToken) =>
        _sink.WriteAsync(batch, cancellationToken);

    public void Dispose()
    {
        _connection.StopAsync(CancellationToken.None).GetAwaiter().GetResult();
        _connection.Dispose();
        _services.Dispose();
    }
}
