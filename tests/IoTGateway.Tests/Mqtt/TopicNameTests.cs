using IoTGateway.Sinks.Mqtt;

namespace IoTGateway.Tests.Mqtt;

/// <summary>Names in topics, where a broker takes every character and where it does not.</summary>
public sealed class TopicNameTests
{
    [Theory]
    [InlineData(false, "iotgw/porch.1/commands/a b*>%20")]
    [InlineData(true, "iotgw/porch%2E1/commands/a%20b%2A%3E%2520")]
    public void A_command_that_goes_out_on_a_topic_comes_in_under_its_own_name(bool isEscaping, string topic)
    {
        var topics = new MqttTopics("iotgw") { IsEscaping = isEscaping };
        Assert.Equal(topic, topics.CommandOf("porch.1", "a b*>%20"));
        Assert.Equal(("porch.1", "a b*>%20"), topics.ReadCommand(topic));
    }

    [Fact]
    public void A_refusal_is_told_under_an_id_that_is_escaped_as_well()
    {
        var topics = new MqttTopics("iotgw") { IsEscaping = true };
        Assert.Equal("iotgw/porch/results/on%2E1", topics.RefusalOf("porch", "on.1"));
        Assert.Equal("iotgw/porch/results/refused", topics.RefusalOf("porch", "on/1"));
    }
}
