using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links.Requests;

/// <summary><c>application/vnd.iotgw.v1</c>: each message after its length, HELLO first.</summary>
internal sealed class BinaryBody : IBodyFormat
{
    public const string ContentType = "application/vnd.iotgw.v1";

    public string Subprotocol => IotgwDialect.Name;

    public string AnswerType => ContentType;

    public DecodeError Split(
        ReadOnlySpan<byte> body,
        int maxMessageBytes,
        Span<Range> messages,
        out int count,
        out uint epoch
    )
    {
        epoch = 0;
        if (!MessageBody.TryRead(body, maxMessageBytes, messages, out count, out var error))
            return error;
        if (Hello.TryRead(body[messages[0]], out var hello, out error))
            epoch = hello.Epoch;
        return error;
    }

    public void Write(WireWriter body, ReadOnlySpan<byte> message) => MessageBody.Write(body, message);

    public void End(WireWriter body) { }
}
