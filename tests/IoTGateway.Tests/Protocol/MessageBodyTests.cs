using System.Text.Json;
using IoTGateway.Fuzz;
using IoTGateway.Protocol;

namespace IoTGateway.Tests.Protocol;

/// <summary>Runs tests/vectors/iotgw-v1-http.json: messages in the bodies of requests and answers.</summary>
public class MessageBodyTests
{
    private static readonly BodyFile Bodies = BodyFile.Load();

    public static TheoryData<string> Names => [.. Bodies.All.Select(body => body.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_body_is_its_messages_or_is_refused_with_its_reason(string name)
    {
        var body = Bodies[name];
        var ranges = new Range[ProtocolLimits.MessagesPerBody];
        var bytes = Convert.FromHexString(body.Hex);
        var ok = MessageBody.TryRead(bytes, ProtocolLimits.MessageBytes, ranges, out var count, out var error);
        if (body.Messages is not { } messages)
        {
            Assert.Equal(body.Refused, JsonNamingPolicy.KebabCaseLower.ConvertName(error.ToString()));
            return;
        }
        Assert.True(ok, error.ToString());
        Assert.Equal(messages, ranges.Take(count).Select(range => Convert.ToHexStringLower(bytes[range])));
        var writer = new WireWriter();
        foreach (var message in messages)
            MessageBody.Write(writer, Convert.FromHexString(message));
        if (body.Canonical)
            Assert.Equal(body.Hex, Convert.ToHexStringLower(writer.Written));
    }

    [Fact]
    public void A_body_cut_at_any_byte_has_the_messages_that_are_whole_or_is_refused()
    {
        var whole = Convert.FromHexString(Bodies["http-request"].Hex);
        var ranges = new Range[ProtocolLimits.MessagesPerBody];
        var taken = new List<int>();
        for (var length = 0; length < whole.Length; length++)
        {
            if (MessageBody.TryRead(whole.AsSpan(0, length), ProtocolLimits.MessageBytes, ranges, out _, out var error))
                taken.Add(length);
            else
                Assert.Equal(DecodeError.Truncated, error);
        }
        Assert.Equal([41, 110], taken);
    }
}
