using System.Text.Unicode;
using IoTGateway.Links.Senml;
using IoTGateway.Protocol;

namespace IoTGateway.Links.Requests;

/// <summary><c>application/senml+json</c>: one message, or none; an answer is an array of messages.</summary>
internal sealed class JsonBody : IBodyFormat
{
    public const string PackType = "application/senml+json";
    public const string ControlType = "application/json";

    public string Subprotocol => SenmlDialect.Name;

    public string AnswerType => ControlType;

    public DecodeError Split(
        ReadOnlySpan<byte> body,
        int maxMessageBytes,
        Span<Range> messages,
        out int count,
        out uint epoch
    )
    {
        (count, epoch) = (0, 0);
        if (body.Length > maxMessageBytes)
            return DecodeError.TooLarge;
        if (!Utf8.IsValid(body))
            return DecodeError.BadText;
        if (!body.IsEmpty)
            messages[count++] = Range.All;
        return DecodeError.None;
    }

    public void Write(WireWriter body, ReadOnlySpan<byte> message)
    {
        body.U8(body.Length == 0 ? (byte)'[' : (byte)',');
        body.Bytes(message);
    }

    public void End(WireWriter body)
    {
        if (body.Length == 0)
            body.U8((byte)'[');
        body.U8((byte)']');
    }
}
