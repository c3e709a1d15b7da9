using IoTGateway.Mqtt;

namespace IoTGateway.Tests.Mqtt;

/// <summary>What the client does on every broker, in the version that it speaks.</summary>
public abstract partial class BrokerContract
{
    private protected abstract string Url { get; }

    /// <summary>What the client ends up with where it is not told a version.</summary>
    private protected abstract MqttVersion Spoken { get; }

    /// <summary>What it asks for.</summary>
    private protected virtual MqttVersion? Version => null;

    private protected static string Fresh(string what) => $"{what}-{Guid.NewGuid():N}"[..20];

    private protected MqttOptions Options(string client) => Party.Options(Url, Version, Fresh(client));

    [Fact]
    public async Task It_connects_in_the_version_that_the_broker_speaks()
    {
        await using var party = await Party.ConnectAsync(Options("version"));
        Assert.Equal(Spoken, party.Client.Status.Version);
    }

    [Theory]
    [InlineData(MqttQos.AtMostOnce)]
    [InlineData(MqttQos.AtLeastOnce)]
    public async Task What_is_published_comes_to_a_subscriber_in_order(MqttQos qos)
    {
        var topic = Fresh("order");
        await using var reader = await Party.ConnectAsync(Options("reader"));
        await using var writer = await Party.ConnectAsync(Options("writer"));
        Assert.Equal(MqttOutcome.Acknowledged, (await reader.SubscribeAsync($"{topic}/+", qos)).Outcome);

        var receipts = Enumerable.Range(0, 100).Select(n => writer.PublishAsync($"{topic}/n", $"{n}", qos)).ToArray();

        Assert.All(await Task.WhenAll(receipts), receipt => Assert.True(receipt.IsGood, receipt.Reason));
        await reader.ReceivedAsync(100);
        Assert.Equal(Enumerable.Range(0, 100).Select(n => $"{n}"), reader.Texts);
        Assert.All(reader.Messages, message => Assert.Equal((qos, $"{topic}/n"), (message.Qos, message.Topic)));
    }

    [Fact]
    public async Task A_retained_message_comes_to_who_subscribes_later_and_says_so()
    {
        var topic = Fresh("retained");
        await using var writer = await Party.ConnectAsync(Options("writer"));
        Assert.True((await writer.PublishAsync(topic, "online", retain: true)).IsGood);
        await using var reader = await Party.ConnectAsync(Options("reader"));
        await reader.SubscribeAsync(topic);
        await reader.ReceivedAsync(1);
        Assert.True(reader.Messages.First().IsRetained);
        Assert.Equal("online", reader.Texts.First());
        Assert.True((await writer.PublishAsync(topic, "", retain: true)).IsGood);
    }

    [Fact]
    public async Task A_session_keeps_what_came_while_the_client_was_away()
    {
        var topic = Fresh("away");
        var options = Options("sleeper");
        await using (var first = await Party.ConnectAsync(options))
            Assert.True((await first.SubscribeAsync(topic)).IsGood);
        await using var writer = await Party.ConnectAsync(Options("writer"));
        for (var n = 0; n < 10; n++)
            Assert.True((await writer.PublishAsync(topic, $"{n}")).IsGood);

        await using var again = await Party.ConnectAsync(options);
        await again.ReceivedAsync(10);
        Assert.True(again.Client.Status.SessionPresent);
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"{n}"), again.Texts);
    }

    [Fact]
    public async Task A_message_that_is_not_acknowledged_comes_again_over_the_next_connection()
    {
        var topic = Fresh("unhandled");
        var options = Options("forgetful");
        await using (var broken = await Party.ConnectAsync(options, (_, _) => throw new InvalidOperationException()))
        {
            Assert.True((await broken.SubscribeAsync(topic)).IsGood);
            await using var writer = await Party.ConnectAsync(Options("writer"));
            Assert.True((await writer.PublishAsync(topic, "open the window")).IsGood);
            await Gateway.Patience.UntilAsync(() => broken.Client.FailedMessages == 1, "the failure");
        }
        await using var again = await Party.ConnectAsync(options);
        await again.ReceivedAsync(1);
        Assert.Equal("open the window", again.Texts.First());
    }

    [Fact]
    public async Task Large_and_empty_payloads_come_whole()
    {
        var topic = Fresh("large");
        await using var party = await Party.ConnectAsync(Options("large"));
        await party.SubscribeAsync(topic);
        string[] texts = ["", "a", new('b', 127), new('c', 128), new('d', 16_383), new('e', 200_000)];
        foreach (var text in texts)
            Assert.True((await party.PublishAsync(topic, text)).IsGood);
        await party.ReceivedAsync(texts.Length);
        Assert.Equal(texts, party.Texts);
    }
}
