using IoTGateway.Journal;
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
}
