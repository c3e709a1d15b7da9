using IoTGateway.Journal;
using IoTGateway.Protocol.Messages;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links;

/// <summary>When the journal may take no more.</summary>
public sealed class JournalLimitTests
{
    [Fact]
    public async Task A_full_journal_gives_no_receipt_keeps_the_link_and_says_why()
    {
        await using var gateway = await TestGateway.StartAsync(
            $"--Journal:MaxBytes={JournalOptions.SmallestMaxBytes}",
            "--Journal:KeepBytes=0"
        );
        var journal = gateway.Get<TelemetryJournal>();
        var stalled = journal.OpenCursor("stalled");
        await using var device = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync("roof"));
        uint sequence = 0;
        while (journal.Health.IsOk)
        {
            sequence++;
            var rows = Enumerable.Range(0, 1500).Select(row => (row * 7919 % 4000) / 10.0).ToArray();
            await device.SendAsync(House.Telemetry(1, sequence, House.Noon, rows));
            await Patience.UntilAsync(
                () => !journal.Health.IsOk || journal.LastSequence("roof", 1) == sequence,
                "the message to be stored, or the journal to be full"
            );
        }
        if (sequence > 1)
            await device.AcknowledgedAsync(1, sequence - 1);
        Assert.Equal(sequence - 1, journal.LastSequence("roof", 1));
        using (var response = await gateway.Client.GetAsync("/readyz"))
        {
            Assert.Equal(503, (int)response.StatusCode);
            var reason = await response.Content.ReadAsStringAsync();
            Assert.Contains("Journal:MaxBytes", reason);
            Assert.Contains("'stalled'", reason);
        }
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));
        Assert.Equal(0, await gateway.MetricAsync("iotgw_journal_ok"));

        stalled.Dispose();
        journal.RemoveCursor("stalled");
        await device.AcknowledgedAsync(1, sequence);
        using var ready = await gateway.Client.GetAsync("/readyz");
        Assert.Equal(200, (int)ready.StatusCode);
    }

    /// <summary>The device's pongs come behind its messages: who does not read these does not see those either.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_link_with_a_window_of_messages_that_wait_for_room_outlives_many_pings(bool tls)
    {
        const int Window = 24;
        const int Rows = 4_000;
        await using var gateway = await TestGateway.StartAsync(
            $"--Journal:MaxBytes={JournalOptions.SmallestMaxBytes}",
            "--Journal:KeepBytes=0",
            "--Limits:PingSeconds=3",
            $"--Limits:Window={Window}"
        );
        var journal = gateway.Get<TelemetryJournal>();
        var stalled = journal.OpenCursor("stalled");
        await using var device = await RawConnection.OpenLinkAsync(gateway, await gateway.AddDeviceAsync("roof"), tls);
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Hello(1).Write)));
        await device.SendAsync(RawFrame.Message(House.Bytes(House.Catalog.Write)));
        var rows = Enumerable.Range(0, Rows).Select(row => (row * 7919 % 40_000) / 10.0).ToArray();
        var (sent, acknowledged, pings) = (0u, 0u, 0);
        // No receipt comes any more, and all that the device may send besides is on its way.
        while (journal.Health.IsOk || sent < acknowledged + Window)
        {
            if (sent < acknowledged + Window)
                await device.SendAsync(
                    RawFrame.Message(House.Telemetry(1, ++sent, House.Noon + (sent * 4_000_000), rows))
                );
            else
                await ReadAsync();
        }
        for (pings = 0; pings < 4; )
            await ReadAsync();
        Assert.False(journal.Health.IsOk);
        Assert.True(await Presence.IsOnlineAsync(gateway, "roof"));

        stalled.Dispose();
        journal.RemoveCursor("stalled");
        while (acknowledged < sent)
            await ReadAsync();
        await Patience.UntilAsync(
            async () => await gateway.MetricAsync("iotgw_sink_rows{sink=\"history\"}") == sent * Rows,
            "every row stored, once"
        );
        Assert.Equal(0, journal.Counters.Duplicates);

        async Task ReadAsync()
        {
            var frame = await device.ReadFrameAsync();
            if (frame.Opcode == RawFrame.Ping)
            {
                pings++;
                await device.SendAsync(frame with { Opcode = RawFrame.Pong });
            }
            else if (Ack.TryRead(frame.Payload, out var ack, out _))
                acknowledged = ack.Sequence;
        }
    }
}
