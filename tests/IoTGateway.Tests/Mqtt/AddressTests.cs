using IoTGateway.Mqtt;
using IoTGateway.Mqtt.Connection;

namespace IoTGateway.Tests.Mqtt;

public class AddressTests
{
    [Theory]
    [InlineData("mqtt://broker", "mqtt://broker:1883")]
    [InlineData("mqtts://broker", "mqtts://broker:8883")]
    [InlineData("mqtts://[::1]:99/", "mqtts://[::1]:99")]
    [InlineData("mqtt://10.0.0.1:1884", "mqtt://10.0.0.1:1884")]
    public void An_address_names_host_port_and_TLS(string url, string expected)
    {
        Assert.True(MqttBroker.TryParse(url, out var broker));
        Assert.Equal(expected, broker.ToString());
    }

    [Theory]
    [InlineData("broker:1883")]
    [InlineData("http://broker")]
    [InlineData("mqtt://user:secret@broker")]
    [InlineData("mqtt://broker/path")]
    [InlineData("mqtt://")]
    public void What_is_no_address_is_refused(string url) => Assert.False(MqttBroker.TryParse(url, out _));

    [Theory]
    [InlineData("climate", "climate")]
    [InlineData("a/b+c#d", "a_b_c_d")]
    [InlineData("größe\0\n", "größe__")]
    [InlineData("", "_")]
    public void Any_text_can_be_one_level_of_a_topic(string text, string level) =>
        Assert.Equal(level, MqttTopic.Level(text));

    [Fact]
    public void Half_a_character_becomes_the_one_that_stands_for_it() =>
        Assert.Equal("a\ufffdb", MqttTopic.Level("a\ud800b"));

    [Fact]
    public void The_wait_is_anything_up_to_a_bound_that_doubles_and_stays()
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        Assert.Equal([1, 2, 4, 5, 5], Enumerable.Range(0, 5).Select(_ => backoff.Next(1).TotalSeconds));
        Assert.Equal(TimeSpan.Zero, backoff.Next(0));
        backoff.Reset();
        Assert.Equal(TimeSpan.FromSeconds(0.5), backoff.Next(0.5));
    }
}
