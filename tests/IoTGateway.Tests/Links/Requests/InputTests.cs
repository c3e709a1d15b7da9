using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Requests;

/// <summary>PROTOCOL.md, "HTTP", 6: bodies that are not taken; each is counted, says what to do, and loses nothing.</summary>
public sealed class InputTests
{
    [Theory]
    [InlineData("body")]
    [InlineData("messages")]
    [InlineData("message")]
    public async Task Too_much_is_413(string what)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var bye = House.Bytes(new Bye(ByeReason.Reboot, 0).Write);
        byte[][] messages = what switch
        {
            "body" => [.. Enumerable.Repeat(new byte[16_000], 5)],
            "messages" => [.. Enumerable.Repeat(bye, 64)],
            _ => [new byte[16_385]],
        };
        await (await device.AskAsync("", messages)).RefusedAsync(gateway, 413, "too_large");
        Assert.False(await Presence.IsOnlineAsync(gateway, "roof"));
    }

    [Fact]
    public async Task A_body_cut_at_any_byte_is_400_or_what_is_whole_and_loses_nothing()
    {
        await using var gateway = await TestGateway.StartAsync("--Limits:RequestsPerSecondPerDevice=1000");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        byte[][] messages =
        [
            House.Bytes(House.Hello(1).Write),
            House.Bytes(House.Catalog.Write),
            House.Telemetry(1, 1, House.Noon, 20),
            House.Telemetry(1, 2, House.Noon + 1000, 21),
        ];
        var body = PollingDevice.Body(messages);
        var whole = Enumerable
            .Range(1, messages.Length)
            .Select(count => PollingDevice.Body(messages[..count]).Length)
            .ToArray();
        for (var length = 0; length < body.Length; length++)
        {
            var answer = await device.PostAsync("", body[..length]);
            Assert.Equal(whole.Contains(length) ? 200 : 400, answer.Status);
        }
        Assert.Equal(body.Length - whole.Length + 1, await PolledAnswer.CountAsync(gateway, "malformed"));
        Assert.Equal(new Ack(1, 2), (await device.PostAsync("", body)).Ack);
        await Readings.WaitAsync(gateway, "roof", "climate", "temperature", 2);
    }

    [Theory]
    [InlineData("no HELLO")]
    [InlineData("HELLO twice")]
    [InlineData("gateway's")]
    [InlineData("unknown")]
    [InlineData("after BYE")]
    [InlineData("no catalog")]
    public async Task What_no_link_would_take_is_400_and_the_device_stays(string what)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        var hello = House.Bytes(House.Hello(1).Write);
        var catalog = House.Bytes(House.Catalog.Write);
        var row = House.Telemetry(1, 1, House.Noon, 20);
        byte[][] messages = what switch
        {
            "no HELLO" => [catalog, row],
            "HELLO twice" => [hello, hello],
            "gateway's" => [hello, House.Bytes(new Ack(1, 1).Write)],
            "unknown" => [hello, [0x7F, 1, 2]],
            "after BYE" => [hello, House.Bytes(new Bye(ByeReason.Reboot, 0).Write), row],
            _ => [hello, row],
        };
        await (await device.PostAsync("?wait=30", PollingDevice.Body(messages))).RefusedAsync(
            gateway,
            400,
            "malformed"
        );
        Assert.Equal(0, await gateway.MetricAsync("iotgw_rows_total"));
        Assert.Equal(new Ack(1, 1), (await device.TellAsync("", row)).Ack);
    }

    [Fact]
    public async Task A_request_whose_connection_is_cut_stores_nothing_and_is_counted()
    {
        await using var gateway = await TestGateway.StartAsync();
        var token = await gateway.AddDeviceAsync("roof");
        var body = PollingDevice.Body(
            House.Bytes(House.Hello(1).Write),
            House.Bytes(House.Catalog.Write),
            House.Telemetry(1, 1, House.Noon, 20)
        );
        foreach (var length in new[] { 0, 1, body.Length / 2, body.Length - 1 })
        {
            await using var connection = await RawConnection.OpenAsync(gateway);
            await connection.SendAsync([.. PollingDevice.Head(token, body.Length), .. body[..length]]);
        }
        await Patience.UntilAsync(
            async () => await PolledAnswer.CountAsync(gateway, "cut") == 4,
            "all to be seen as cut"
        );
        Assert.Equal(0, await gateway.MetricAsync("iotgw_rows_total"));
        Assert.DoesNotContain(gateway.LogLines, line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_journal_that_takes_nothing_is_503_after_a_while_and_all_is_stored_once_it_does()
    {
        await using var gateway = await TestGateway.StartAsync(
            $"--Journal:MaxBytes={JournalOptions.SmallestMaxBytes}",
            "--Journal:KeepBytes=0",
            "--Limits:RequestsPerSecondPerDevice=1000"
        );
        var journal = gateway.Get<TelemetryJournal>();
        var stalled = journal.OpenCursor("stalled");
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        await device.TellAsync("");
        PolledAnswer answer;
        uint sequence = 0;
        byte[] message;
        do
        {
            var rows = Enumerable.Range(0, 1500).Select(row => (row * 7919 % 4000) / 10.0).ToArray();
            message = House.Telemetry(1, ++sequence, House.Noon, rows);
            answer = await device.AskAsync("", message);
        } while (answer.Status == 200);
        await answer.RefusedAsync(gateway, 503, "not_durable");
        Assert.NotNull(answer.RetryAfter);
        stalled.Dispose();
        journal.RemoveCursor("stalled");
        Assert.Equal(new Ack(1, sequence), (await device.AskAsync("", message)).Ack);
    }

    [Fact]
    public async Task A_body_without_a_length_is_read_as_far_as_a_body_may_go()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var device = new PollingDevice(gateway, await gateway.AddDeviceAsync("roof"));
        byte[][] messages = [House.Bytes(House.Hello(1).Write), House.Bytes(House.Catalog.Write)];
        var rows = Enumerable.Range(0, 1500).Select(row => (row * 7919 % 4000) / 10.0).ToArray();
        var body = PollingDevice.Body([.. messages, House.Telemetry(1, 1, House.Noon, rows)]);
        Assert.Equal(new Ack(1, 1), (await PostAsync(body)).Ack);
        await (await PostAsync(new byte[65_537])).RefusedAsync(gateway, 413, "too_large");

        Task<PolledAnswer> PostAsync(byte[] bytes) =>
            device.PostAsync("", bytes, spoil: request => request.Headers.TransferEncodingChunked = true);
    }
}
