using IoTGateway.Mqtt;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

/// <summary>One mosquitto for all tests of a class.</summary>
public sealed class MosquittoFixture : IAsyncLifetime
{
    private MosquittoServer? _server;

    internal string Url => _server?.Url ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _server = await MosquittoServer.StartAsync();
        ServerProcess.TellVersion("mosquitto");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>Mosquitto in version 5.0, which the client asks for first.</summary>
public sealed class Mosquitto5Tests(MosquittoFixture mosquitto) : BrokerContract, IClassFixture<MosquittoFixture>
{
    private protected override string Url => mosquitto.Url;

    private protected override MqttVersion Spoken => MqttVersion.V5;
}

/// <summary>Mosquitto in version 3.1.1, because the client is told so.</summary>
public sealed class Mosquitto311Tests(MosquittoFixture mosquitto) : BrokerContract, IClassFixture<MosquittoFixture>
{
    private protected override string Url => mosquitto.Url;

    private protected override MqttVersion Spoken => MqttVersion.V311;

    private protected override MqttVersion? Version => MqttVersion.V311;
}
