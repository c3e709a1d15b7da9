using IoTGateway.Device.Commands;

namespace Firmware.Tests.Device;

public class JsonObjectTests
{
    [Theory]
    [InlineData("{}", 0)]
    [InlineData(""" { "a" : 1 , "b":null,"c":"x\n\u00e4\"" } """, 3)]
    public void A_flat_object_is_read(string text, int members)
    {
        Assert.Equal(members, JsonObject.Parse(text)?.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{} {}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":-}""")]
    [InlineData("""{"a":1.5}""")]
    [InlineData("""{"a":1e3}""")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":"x}""")]
    [InlineData("""{"a":"\x"}""")]
    [InlineData("""{"a":"\u12"}""")]
    [InlineData("""{"a":1234567890123456789}""")]
    [InlineData("""{a:1}""")]
    public void Everything_else_is_refused(string text)
    {
        Assert.Null(JsonObject.Parse(text));
    }

    [Fact]
    public void Values_keep_their_type()
    {
        var read = JsonObject.Parse("""{"n":-42,"t":true,"s":"ä\u00e4"}""");

        Assert.True(read.TryGetLong("n", out var number));
        Assert.True(read.TryGetBool("t", out var truth));
        Assert.True(read.TryGetString("s", out var text));
        Assert.Equal((-42L, true, "ää"), (number, truth, text));
        Assert.False(read.TryGetBool("n", out _));
        Assert.False(read.TryGetLong("absent", out _));
    }

    [Fact]
    public void What_is_written_is_escaped()
    {
        Assert.Equal("""{"error":"a\"b\\c\u000a"}""", JsonText.Error("a\"b\\c\n"));
    }
}
