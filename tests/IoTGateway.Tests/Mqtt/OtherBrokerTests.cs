using IoTGateway.Mqtt;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

public sealed class NatsFixture : IAsyncLifetime
{
    private NatsServer? _server;

    internal string Url => _server?.Url ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await NatsServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>NATS says in a CONNACK of 3.1.1 that it does not speak 5.0.</summary>
public sealed class NatsTests(NatsFixture nats) : BrokerContract, IClassFixture<NatsFixture>
{
    private protected override string Url => nats.Url;

    private protected override MqttVersion Spoken => MqttVersion.V311;
}

public sealed class RabbitMqFixture : IAsyncLifetime
{
    private RabbitMqServer? _server;

    internal string Url => _server?.Url ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _server = await RabbitMqServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>RabbitMQ closes the connection at a CONNECT of 5.0, and says nothing.</summary>
public sealed class RabbitMqTests(RabbitMqFixture rabbit) : BrokerContract, IClassFixture<RabbitMqFixture>
{
    private protected override string Url => rabbit.Url;

    private protected override MqttVersion Spoken => MqttVersion.V311;
}
