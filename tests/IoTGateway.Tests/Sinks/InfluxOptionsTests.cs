using IoTGateway.Sinks.Influx;

namespace IoTGateway.Tests.Sinks;

public sealed class InfluxOptionsTests
{
    [Theory]
    [InlineData("localhost:8086", 2, "b", null, "Influx:Url is 'localhost:8086'")]
    [InlineData("http://u:p@host", 2, "b", null, "Influx:Token")]
    [InlineData("http://host?x=1", 2, "b", null, "Influx:Url is 'http://host?x=1'")]
    [InlineData("http://host", 3, "b", null, "Influx:Version is 3")]
    [InlineData("http://host", 2, "", null, "Influx:Bucket is empty")]
    [InlineData("http://host", 1, "", null, "Influx:Database is empty")]
    [InlineData("http://host", 1, "b", "secret", "Influx:Token has no colon")]
    [InlineData("http://host", 2, "b", "secret\n", "Influx:Token holds a line break")]
    public void A_wrong_setting_is_named_with_what_is_allowed(
        string url,
        int version,
        string place,
        string? token,
        string expected
    )
    {
        var options = new InfluxOptions
        {
            Url = url,
            Version = version,
            Bucket = place,
            Database = place,
            Token = token,
        };
        var errors = string.Join('\n', options.Errors());
        Assert.Contains(expected, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("u:p", errors, StringComparison.Ordinal);
    }
}
