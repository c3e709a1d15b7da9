using IoTGateway.Mqtt;
using IoTGateway.Tests.Gateway;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Tests.Mqtt;

public sealed class NatsFixture : IAsyncLifetime
{
    private NatsServer? _server;

    internal string Url => _server?.Url ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _server = await NatsServer.StartAsync();
        ServerProcess.TellVersion("nats-server");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>NATS says in a CONNACK of 3.1.1 that it does not speak 5.0. Before 2.10 it takes no dots and blanks in topics.</summary>
public sealed class NatsTests(NatsFixture nats) : BrokerContract, IClassFixture<NatsFixture>
{
    private protected override string Url => nats.Url;

    private protected override MqttVersion Spoken => MqttVersion.V311;

    private protected override string InTopics(string name) => Escaped(name);

    [Theory]
    [InlineData("a.b")]
    [InlineData("a b")]
    public async Task A_dot_or_a_blank_ends_the_connection_and_in_a_subscription_it_is_only_refused(string topic)
    {
        await using var subscriber = await Party.ConnectAsync(Options("subscriber"));
        Assert.Equal(MqttOutcome.Refused, (await subscriber.SubscribeAsync(topic)).Outcome);
        Assert.True((await subscriber.PublishAsync("ab", "still here")).IsGood);
        Assert.Equal(1, subscriber.Connections);
        await using var publisher = await Party.ConnectAsync(Options("publisher"));
        var receipt = publisher.PublishAsync(topic, "lost");
        // Each lasts until what is sent again arrives, which is sooner than anybody could look at it.
        await Patience.UntilAsync(() => publisher.Connections >= 3, "the third connection");
        Assert.False(receipt.IsCompleted);
        await publisher.StopAsync();
        Assert.Equal(MqttOutcome.NotConnected, (await receipt).Outcome);
    }
}

public sealed class RabbitMqFixture : IAsyncLifetime
{
    private RabbitMqServer? _server;

    internal string Url => _server?.Url ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _server = await RabbitMqServer.StartAsync();
        ServerProcess.TellVersion("rabbitmq-server");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}

/// <summary>RabbitMQ closes the connection at a CONNECT of 5.0, and says nothing. It hands a dot on as a slash.</summary>
public sealed class RabbitMqTests(RabbitMqFixture rabbit) : BrokerContract, IClassFixture<RabbitMqFixture>
{
    private protected override string Url => rabbit.Url;

    private protected override MqttVersion Spoken => MqttVersion.V311;

    private protected override string InTopics(string name) => Escaped(name);

    [Fact]
    public async Task A_dot_comes_out_as_a_slash()
    {
        var topic = Fresh("dot");
        await using var party = await Party.ConnectAsync(Options("party"));
        Assert.True((await party.SubscribeAsync($"{topic}.1")).IsGood);
        Assert.True((await party.PublishAsync($"{topic}.1", "where?")).IsGood);
        await party.ReceivedAsync(1);
        Assert.Equal($"{topic}/1", party.Messages.First().Topic);
    }
}
