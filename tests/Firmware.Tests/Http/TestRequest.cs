using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using Microsoft.AspNetCore.Http;

namespace Firmware.Tests.Http;

/// <summary>One request, which waits for its answer.</summary>
internal sealed class TestRequest
{
    private readonly HttpContext _context;
    private readonly TaskCompletionSource<Func<HttpResponse, Task>> _answer = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    public TestRequest(HttpContext context, List<byte[]> messages)
    {
        _context = context;
        Messages = messages;
        Query = context.Request.QueryString.Value ?? "";
        Authorization = context.Request.Headers.Authorization.ToString();
        ConnectionId = context.Connection.Id;
        Gone = context.RequestAborted;
    }

    public List<byte[]> Messages { get; }

    public string Query { get; }

    public string Authorization { get; }

    public string ConnectionId { get; }

    /// <summary>The device has closed it.</summary>
    public CancellationToken Gone { get; }

    public Hello Hello =>
        DeviceMessageReader.Hello(Messages[0]) ?? throw new InvalidDataException("HELLO is not first");

    public List<Telemetry> Telemetry =>
        [
            .. Messages
                .Where(m => m[0] == MessageType.Telemetry)
                .Select(m => DeviceMessageReader.Telemetry(m, TestCatalog.Virtual)!), // malformed would fail on its use
        ];

    public byte[]? First(byte type) => Messages.FirstOrDefault(m => m[0] == type);

    /// <summary>WELCOME, receipts of all that came, and more.</summary>
    public void Settle(params byte[][] more) =>
        Answer([.. Telemetry.Select(t => GatewayBytes.Ack(t.Epoch, t.Sequence)), .. more]);

    /// <summary>WELCOME and these.</summary>
    public void Answer(params byte[][] messages) => AnswerRaw(Body(messages));

    /// <summary>WELCOME and receipts of all that came, and it is the last answer of the connection.</summary>
    public void AnswerAndClose() =>
        Answer(response =>
        {
            response.Headers.Connection = "close";
            return WriteAsync(response, Body([.. Telemetry.Select(t => GatewayBytes.Ack(t.Epoch, t.Sequence))]));
        });

    public void AnswerRaw(byte[] body) => Answer(response => WriteAsync(response, body));

    public void Answer(Func<HttpResponse, Task> write) => _answer.TrySetResult(write);

    public void Refuse(int status, string? retryAfter = null, string detail = "") =>
        Answer(response =>
        {
            response.StatusCode = status;
            if (retryAfter is not null)
                response.Headers.RetryAfter = retryAfter;
            return response.WriteAsync(detail);
        });

    /// <summary>As when the network goes: no answer.</summary>
    public void Drop() =>
        Answer(response =>
        {
            response.HttpContext.Abort();
            return Task.CompletedTask;
        });

    /// <summary>The first bytes of an answer, and then nothing but the end of the connection.</summary>
    public void CutAfter(int bytes, byte[] body) =>
        Answer(async response =>
        {
            response.ContentType = RequestBody.ContentType;
            response.ContentLength = body.Length;
            await response.Body.WriteAsync(body.AsMemory(0, bytes));
            await response.Body.FlushAsync();
            response.HttpContext.Abort();
        });

    private static byte[] Body(byte[][] messages) =>
        RequestBody.Of([GatewayBytes.Welcome(0, 4, wantsCatalog: false), .. messages]);

    private static async Task WriteAsync(HttpResponse response, byte[] body)
    {
        response.ContentType = RequestBody.ContentType;
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    public async Task AnsweredAsync()
    {
        using var gone = Gone.Register(() => _answer.TrySetResult(_ => Task.CompletedTask));
        await (await _answer.Task)(_context.Response);
    }
}
