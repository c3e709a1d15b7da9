using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Gateway;

/// <summary>A device that makes requests on the stock HTTP client; the messages are the codec's.</summary>
internal sealed class PollingDevice : IDisposable
{
    public const string Binary = "application/vnd.iotgw.v1";

    private readonly HttpClient _http;

    public PollingDevice(TestGateway gateway, string? token, uint epoch = 1, bool tls = false)
    {
        Epoch = epoch;
        var handler = new SocketsHttpHandler { SslOptions = gateway.TrustingCa() };
        _http = new HttpClient(handler)
        {
            BaseAddress = tls ? new UriBuilder(gateway.Https) { Host = "localhost" }.Uri : gateway.Http,
        };
        if (token is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    /// <summary>Which boot it is.</summary>
    public uint Epoch { get; set; }

    public ushort MaxMessageBytes { get; set; } = 4096;

    /// <summary>HELLO, and then these.</summary>
    public Task<PolledAnswer> AskAsync(string query, params byte[][] messages) =>
        PostAsync(
            query,
            Body([House.Bytes((House.Hello(Epoch) with { MaxMessageBytes = MaxMessageBytes }).Write), .. messages])
        );

    /// <summary>An answer of 200, with HELLO and the catalog before these.</summary>
    public async Task<PolledAnswer> TellAsync(string query, params byte[][] messages)
    {
        var answer = await AskAsync(query, [House.Bytes(House.Catalog.Write), .. messages]);
        Assert.True(answer.Status == 200, answer.Text);
        return answer;
    }

    public async Task<PolledAnswer> PostAsync(
        string query,
        byte[] body,
        string? type = Binary,
        Action<HttpRequestMessage>? spoil = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/messages" + query);
        request.Content = new ByteArrayContent(body);
        if (type is not null)
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        spoil?.Invoke(request);
        using var response = await _http.SendAsync(request, Patience.Token());
        return new PolledAnswer(
            (int)response.StatusCode,
            response.Content.Headers.ContentType?.MediaType,
            response.Content.Headers.ContentLength,
            response.Headers.RetryAfter?.Delta,
            [.. response.Headers.Select(header => header.Key)],
            await response.Content.ReadAsByteArrayAsync(Patience.Token())
        );
    }

    /// <summary>The head of a request, as it stands on the wire; the body follows.</summary>
    public static byte[] Head(string token, int length, string query = "", string more = "More: none") =>
        System.Text.Encoding.ASCII.GetBytes(
            $"POST /v1/messages{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
                + $"Content-Type: {Binary}\r\nContent-Length: {length.ToString(CultureInfo.InvariantCulture)}\r\n{more}\r\n\r\n"
        );

    /// <summary>Waits until the gateway holds a request.</summary>
    public static Task HeldAsync(TestGateway gateway) =>
        Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_requests_held") == 1,
            "the request to be held"
        );

    public static byte[] Body(params byte[][] messages)
    {
        var body = new WireWriter();
        foreach (var message in messages)
            MessageBody.Write(body, message);
        return body.ToArray();
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What a request was answered.</summary>
internal sealed record PolledAnswer(
    int Status,
    string? Type,
    long? Length,
    TimeSpan? RetryAfter,
    IReadOnlyList<string> Headers,
    byte[] Bytes
)
{
    public string Text => $"{Status}: {System.Text.Encoding.UTF8.GetString(Bytes)}";

    public JsonElement Json => JsonElement.Parse(Bytes);

    public string? Reason => Json.GetProperty("reason").GetString();

    /// <summary>Its messages; each answer of 200 begins with WELCOME.</summary>
    public IReadOnlyList<byte[]> Messages
    {
        get
        {
            Assert.True(Status == 200, Text);
            var ranges = new Range[ProtocolLimits.MessagesPerBody * 2];
            Assert.True(
                MessageBody.TryRead(Bytes, ProtocolLimits.MessageBytes, ranges, out var count, out var error),
                error.ToString()
            );
            return [.. ranges.Take(count).Select(range => Bytes[range])];
        }
    }

    public Welcome Welcome
    {
        get
        {
            Assert.True(Welcome.TryRead(Messages[0], out var welcome, out var error), error.ToString());
            return welcome;
        }
    }

    public Ack Ack => Only<Ack>(MessageType.Ack, Ack.TryRead);

    /// <summary>It is a refusal, says what to do, and was counted once.</summary>
    public async Task RefusedAsync(TestGateway gateway, int status, string reason)
    {
        Assert.Equal((status, "application/problem+json", reason), (Status, Type, Reason));
        Assert.NotEmpty(Json.GetProperty("detail").GetString()!); // GetProperty would have thrown
        Assert.Equal(1, await CountAsync(gateway, reason));
    }

    /// <summary>Requests refused for a reason.</summary>
    public static Task<double> CountAsync(TestGateway gateway, string reason) =>
        gateway.MetricAsync($$"""iotgw_requests_refused_total{reason="{{reason}}"}""");

    public IReadOnlyList<Command> Commands => All<Command>(MessageType.Command, Command.TryRead);

    public IReadOnlyList<Desired> Settings => All<Desired>(MessageType.Desired, Desired.TryRead);

    /// <summary>What stands in it, WELCOME first.</summary>
    public IReadOnlyList<MessageType> Types => [.. Messages.Select(message => (MessageType)message[0])];

    private T Only<T>(MessageType type, Reader<T> read) => Assert.Single(All(type, read));

    private IReadOnlyList<T> All<T>(MessageType type, Reader<T> read) =>
        [
            .. Messages
                .Where(message => message[0] == (byte)type)
                .Select(message =>
                    read(message, out var value, out var error) ? value : throw new InvalidDataException($"{error}")
                ),
        ];

    private delegate bool Reader<T>(ReadOnlySpan<byte> message, out T value, out DecodeError error);
}
