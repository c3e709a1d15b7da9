using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Http;

/// <summary>The firmware over POST /v1/messages, one step at a time.</summary>
public sealed class HttpLinkTests : IAsyncLifetime
{
    private TestGateway _gateway = null!; // set by InitializeAsync, before any test
    private TestRequests _requests = null!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await TestGateway.StartAsync();
        _requests = new TestRequests(_gateway);
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();

    [Fact]
    public async Task The_first_request_is_HELLO_alone_and_the_next_brings_all_there_is_on_the_same_connection()
    {
        await using var device = Start();
        var first = await _requests.NextAsync();
        Assert.Equal("?wait=0", first.Query);
        Assert.Equal($"Bearer {DeviceUnderTest.Token}", first.Authorization);
        Assert.Equal(1u, first.Hello.Epoch);
        Assert.Single(first.Messages);
        await Eventually.TrueAsync(() => device.Device.Status.RowsSampled >= 12);
        first.AnswerRaw(RequestBody.Of([GatewayBytes.Welcome(0, 4, wantsCatalog: true)]));
        var second = await _requests.NextAsync();

        Assert.Equal(first.ConnectionId, second.ConnectionId);
        Assert.Equal(first.Hello with { NowMs = second.Hello.NowMs }, second.Hello);
        byte[] expected = [MessageType.Hello, MessageType.Catalog, MessageType.Reported, MessageType.Telemetry];
        Assert.Equal(expected, second.Messages.Select(m => m[0]).Distinct());
        Assert.Equal(1u, second.Telemetry[0].Sequence);
        Assert.True(device.Device.Status.Connected);
    }

    [Fact]
    public async Task Every_row_that_was_sampled_arrives_value_by_value()
    {
        await using var device = Start();
        var received = new List<string>();
        var sequence = 0u;
        while (sequence < 4)
        {
            var request = await _requests.NextAsync();
            foreach (var telemetry in request.Telemetry)
            {
                Assert.Equal(++sequence, telemetry.Sequence);
                received.AddRange(RowText.Of(telemetry));
            }

            request.Settle();
        }

        var sampled = device.Rows.Where(r => r.Sequence <= sequence).Select(RowText.Of);
        Assert.Equal(sampled.Order(StringComparer.Ordinal), received.Order(StringComparer.Ordinal));
        await Eventually.TrueAsync(() => device.Device.Status.RowsAcknowledged >= received.Count);
    }

    [Theory]
    [InlineData("no answer")]
    [InlineData("no answer, and it was stored")]
    [InlineData("cut in the head of a message")]
    [InlineData("cut before the ACK")]
    [InlineData("500")]
    public async Task What_was_not_settled_comes_again_byte_for_byte_oldest_first(string how)
    {
        await using var device = Start();
        var lost = await _requests.NextWithTelemetryAsync();
        var sent = Telemetry(lost);
        var welcome = GatewayBytes.Welcome(how.Contains("stored") ? (uint)sent.Count : 0, 4, wantsCatalog: false);
        var whole = RequestBody.Of([welcome, .. lost.Telemetry.Select(t => GatewayBytes.Ack(t.Epoch, t.Sequence))]);
        if (how == "500")
            lost.Refuse(500);
        else if (how.StartsWith("cut", StringComparison.Ordinal))
            lost.CutAfter(how.Contains("head") ? welcome.Length + 2 : welcome.Length + 1, whole);
        else
            lost.Drop();
        var hello = await _requests.NextAsync();
        Assert.Single(hello.Messages);
        hello.AnswerRaw(RequestBody.Of([welcome]));
        var again = await _requests.NextWithTelemetryAsync();

        if (how.Contains("stored"))
            Assert.Equal((uint)sent.Count + 1, again.Telemetry[0].Sequence);
        else
            Assert.Equal(sent, Telemetry(again).Take(sent.Count));
        Assert.Equal(0, device.Device.Status.RowsLost);
    }

    [Fact]
    public async Task An_answer_of_200_that_settles_not_all_is_none()
    {
        await using var device = Start();
        var first = await _requests.NextWithTelemetryAsync();
        first.Answer();
        var hello = await _requests.NextAsync();
        Assert.Single(hello.Messages);
        hello.Answer();
        Assert.Equal(1u, (await _requests.NextWithTelemetryAsync()).Telemetry[0].Sequence);
        Assert.Contains(device.Log, line => line.Contains("settles not all", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_message_is_dropped_and_what_comes_with_it_is_kept()
    {
        await using var device = Start();
        var request = await _requests.NextWithTelemetryAsync();
        var poison = request.Telemetry[0];
        request.Answer([
            .. request.Telemetry.Skip(1).Select(t => GatewayBytes.Ack(t.Epoch, t.Sequence)),
            GatewayBytes.Refused(poison.Epoch, poison.Sequence, 3),
        ]);
        var next = await _requests.NextWithTelemetryAsync();
        Assert.True(next.Telemetry[0].Sequence > poison.Sequence);
        Assert.Equal(1, device.Device.Status.MessagesRefused);
        Assert.Equal(poison.Rows, device.Device.Status.RowsRefused);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_Retry_After_or_RETRY_AFTER_the_device_stays_away_that_long(bool asHeader)
    {
        await using var device = Start();
        var first = await _requests.NextAsync();
        if (asHeader)
            first.Refuse(503, "1", "busy with a fleet that returns");
        else
            first.Answer(GatewayBytes.RetryAfter(1000));
        var left = TimeProvider.System.GetTimestamp();
        await _requests.NextAsync();

        Assert.InRange(TimeProvider.System.GetElapsedTime(left).TotalMilliseconds, 990, 15_000);
        if (asHeader)
            Assert.Contains(
                device.Log,
                line => line.Contains("503 Service Unavailable busy", StringComparison.Ordinal)
            );
    }

    [Theory]
    [InlineData("text/html", "a page")]
    [InlineData(RequestBody.ContentType, "\u0000")]
    [InlineData(RequestBody.ContentType, "\u0005ab")]
    [InlineData(RequestBody.ContentType, "\u007f\u007f\u007f\u007f")]
    public async Task What_is_no_answer_of_a_gateway_ends_the_link_and_the_device_goes_on(string type, string body)
    {
        await using var device = Start();
        (await _requests.NextAsync()).Answer(response =>
        {
            response.ContentType = type;
            return Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(response, body);
        });
        Assert.Single((await _requests.NextAsync()).Messages);
        Assert.Null(device.Device.Status.Fault);
        Assert.Equal(0, device.Device.Status.LinksOpened);
    }

    [Fact]
    public async Task A_chunked_answer_with_long_headers_is_read_as_any_other()
    {
        await using var device = Start();
        (await _requests.NextAsync()).Answer(async response =>
        {
            response.ContentType = RequestBody.ContentType;
            response.Headers["X-Long"] = new string('x', 3000);
            var body = RequestBody.Of([GatewayBytes.Welcome(0, 4, wantsCatalog: false)]);
            for (var i = 0; i < body.Length; i++)
            {
                await response.Body.WriteAsync(body.AsMemory(i, 1));
                await response.Body.FlushAsync();
            }
        });
        await Eventually.TrueAsync(() => device.Device.Status.Connected);
        Assert.Equal(0, device.Device.Status.MalformedMessages);
    }

    [Fact]
    public async Task A_connection_that_was_closed_meanwhile_costs_a_new_one_and_no_link()
    {
        await using var device = Start(o => o with { SampleIntervalMs = 60_000 });
        var first = await _requests.NextAsync();
        first.AnswerAndClose();
        var second = await _requests.NextAsync();

        Assert.NotEqual(first.ConnectionId, second.ConnectionId);
        Assert.True(second.Messages.Count > 1);
        second.Settle();
        Assert.Equal(1, device.Device.Status.LinksOpened);
    }

    [Fact]
    public async Task A_device_without_a_clock_takes_the_time_from_WELCOME()
    {
        await using var device = Start(o => o with { ClockIsSetAtBoot = false, RowsPerMessage = 20 });
        (await _requests.NextAsync()).Answer();
        var telemetry = (await _requests.NextWithTelemetryAsync()).Telemetry[0];

        Assert.Equal(1, telemetry.Clock);
        Assert.InRange(telemetry.BaseMs, GatewayBytes.NowMs - 60_000, GatewayBytes.NowMs + 60_000);
    }

    private DeviceUnderTest Start(Func<VirtualDeviceOptions, VirtualDeviceOptions>? change = null) =>
        DeviceUnderTest.Start(
            _gateway.LinkUri,
            o =>
            {
                o = o with { Transport = VirtualTransport.LongPolling };
                return change is null ? o : change(o);
            }
        );

    private static List<byte[]> Telemetry(TestRequest request) =>
        [.. request.Messages.Where(m => m[0] == MessageType.Telemetry)];
}
