using System.Net.Http.Headers;
using IoTGateway.Protocol;

namespace IoTGateway.Bench.Transports;

/// <summary>
/// Polls, or holds a request on one connection and sends each row on another. Connections stay open: a device that opens
/// one for each request pays a TLS handshake besides.
/// </summary>
internal sealed class RequestDevice : BenchDevice
{
    private readonly int _port;
    private readonly Transport _transport;
    private readonly HttpClient _listening;
    private readonly HttpClient _telling;

    public RequestDevice(int port, string token, Transport transport, DeviceMessages messages, SocketCount count)
        : base(messages, count)
    {
        (_port, _transport) = (port, transport);
        _listening = Client(token);
        _telling = transport.IsPolling ? _listening : Client(token);
    }

    protected override int Port => _port;

    public override async Task OpenAsync()
    {
        await AskAsync(_telling, 0, [Messages.Catalog], CancellationToken.None);
        if (_telling != _listening)
            await AskAsync(_listening, 0, [], CancellationToken.None);
    }

    public override Task RunAsync(int rowsPerSecond, double phase, CancellationToken ending)
    {
        if (_transport.IsPolling)
            return PollAsync(rowsPerSecond, phase, ending);
        var telling =
            rowsPerSecond == 0
                ? Task.CompletedTask
                : EveryAsync(
                    TimeSpan.FromSeconds(1) / rowsPerSecond,
                    phase,
                    () => AskAsync(_telling, 0, [Messages.Telemetry(1)], ending),
                    ending
                );
        return Task.WhenAll(telling, ListenAsync(ending));
    }

    public override ValueTask DisposeAsync()
    {
        _listening.Dispose();
        _telling.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>All that was measured since the poll before, in one message; results of commands with the next poll.</summary>
    private Task PollAsync(int rowsPerSecond, double phase, CancellationToken ending) =>
        EveryAsync(
            TimeSpan.FromSeconds(_transport.PollSeconds),
            phase,
            () =>
            {
                byte[][] rows = rowsPerSecond == 0 ? [] : [Messages.Telemetry(rowsPerSecond * _transport.PollSeconds)];
                return AskAsync(_listening, 0, [.. Messages.TakeResults(), .. rows], ending);
            },
            ending
        );

    private async Task ListenAsync(CancellationToken ending)
    {
        try
        {
            while (!ending.IsCancellationRequested)
                await AskAsync(_listening, Transport.HeldSeconds, Messages.TakeResults(), ending);
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The run is over, and with it the connection.
        }
    }

    private async Task AskAsync(HttpClient client, int wait, byte[][] messages, CancellationToken ending)
    {
        var body = new WireWriter();
        MessageBody.Write(body, Messages.Hello());
        foreach (var message in messages)
            MessageBody.Write(body, message);
        using var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.iotgw.v1");
        Count.AddRequest();
        using var answer = await client.PostAsync(
            wait == 0 ? "/v1/messages?every=60" : $"/v1/messages?wait={wait}",
            content,
            ending
        );
        var heard = await answer.Content.ReadAsByteArrayAsync(ending);
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(
                $"A request got {answer.StatusCode}: {System.Text.Encoding.UTF8.GetString(heard)}"
            );
        var ranges = new Range[ProtocolLimits.MessagesPerBody];
        if (!MessageBody.TryRead(heard, ProtocolLimits.MessageBytes, ranges, out var found, out var error))
            throw new InvalidOperationException($"An answer cannot be read: {error}");
        for (var i = 0; i < found; i++)
            Messages.Hear(heard.AsSpan()[ranges[i]]);
    }

    private HttpClient Client(string token)
    {
        var client = new HttpClient(Connection()) { BaseAddress = new Uri($"https://localhost:{_port}") };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
