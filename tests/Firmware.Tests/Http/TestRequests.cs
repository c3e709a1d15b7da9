using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Firmware.Tests.Link;
using Microsoft.AspNetCore.Http;

namespace Firmware.Tests.Http;

/// <summary>The gateway's half of HTTP, one request at a time: a test takes a request and says how it is answered.</summary>
internal sealed class TestRequests
{
    private readonly Channel<TestRequest> _requests = Channel.CreateUnbounded<TestRequest>();

    public TestRequests(TestGateway gateway) => gateway.Requests = ServeAsync;

    public async Task<TestRequest> NextAsync() =>
        await _requests.Reader.ReadAsync().AsTask().WaitAsync(TestLink.Patience);

    public bool TryNext([NotNullWhen(true)] out TestRequest? request) => _requests.Reader.TryRead(out request);

    /// <summary>The next request that brings TELEMETRY; those before it get a WELCOME.</summary>
    public async Task<TestRequest> NextWithTelemetryAsync()
    {
        while (true)
        {
            var request = await NextAsync();
            if (request.Telemetry.Count > 0)
                return request;
            request.Answer();
        }
    }

    private async Task ServeAsync(HttpContext context)
    {
        var request = new TestRequest(context, await RequestBody.ReadAsync(context.Request));
        _requests.Writer.TryWrite(request);
        await request.AnsweredAsync();
    }
}
