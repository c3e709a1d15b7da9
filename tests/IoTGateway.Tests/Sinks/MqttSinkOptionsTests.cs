using IoTGateway.Sinks.Mqtt;

namespace IoTGateway.Tests.Sinks;

public class MqttSinkOptionsTests
{
    private static string Wrong(MqttSinkOptions options) => string.Join('\n', options.Errors());

    [Fact]
    public void Without_an_address_it_is_off_and_nothing_is_checked()
    {
        var options = new MqttSinkOptions { Prefix = "#" };
        Assert.False(options.IsOn);
        Assert.Equal("", Wrong(options));
    }

    [Fact]
    public void Several_brokers_stand_with_commas_between()
    {
        var options = new MqttSinkOptions { Url = "mqtts://a, mqtt://b:1884" };
        Assert.Equal("", Wrong(options));
        Assert.Equal(["mqtts://a:8883", "mqtt://b:1884"], options.Brokers().Select(broker => broker.ToString()));
    }

    [Theory]
    [InlineData("http://broker", "iotgw", "Mqtt:Url is 'http://broker'")]
    [InlineData("mqtt://u:secret@broker", "iotgw", "put them in Mqtt:User and Mqtt:Password")]
    [InlineData(",", "iotgw", "names no broker")]
    [InlineData("mqtt://broker", "a/+", "Mqtt:Prefix is 'a/+'")]
    [InlineData("mqtt://broker", "a//b", "Mqtt:Prefix is 'a//b'")]
    [InlineData("mqtt://broker", "$SYS", "Mqtt:Prefix is '$SYS'")]
    [InlineData("mqtt://broker", "", "Mqtt:Prefix is ''")]
    public void What_is_wrong_names_the_setting_and_what_is_allowed(string url, string prefix, string words)
    {
        var wrong = Wrong(new MqttSinkOptions { Url = url, Prefix = prefix });
        Assert.Contains(words, wrong, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_that_cannot_be_read_and_a_password_without_a_user_are_refused()
    {
        var options = new MqttSinkOptions
        {
            Url = "mqtts://broker",
            Ca = "/nowhere/ca.pem",
            Password = "hidden",
        };
        Assert.Contains("Mqtt:Ca is '/nowhere/ca.pem', which cannot be read", Wrong(options));
        Assert.Contains("Mqtt:Password is set and Mqtt:User is not", Wrong(options));
        Assert.DoesNotContain("hidden", Wrong(options));
    }
}
