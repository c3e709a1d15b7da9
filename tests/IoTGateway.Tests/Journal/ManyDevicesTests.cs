using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

public sealed class ManyDevicesTests
{
    [Fact]
    public async Task Two_hundred_devices_through_power_cuts_and_restarts_lose_nothing_acknowledged()
    {
        const int Devices = 200;
        const uint Messages = 120;
        await using var bed = new JournalBed().WithSegments(32 * 1024);
        bed.Options.KeepBytes = 64 << 20;
        bed.Options.PendingBytes = 20 * 1024;
        bed.Open();
        var acknowledged = new uint[Devices];
        for (var round = 1u; round <= 6; round++)
        {
            var upTo = Messages * round / 6;
            var senders = Enumerable.Range(0, Devices).Select(i => SendAsync(bed, i, upTo, acknowledged)).ToList();
            if (round % 2 == 0)
            {
                await Task.WhenAny(senders);
                bed.Storage.CutPower();
            }
            else
                await Task.WhenAll(senders);
            await bed.ReopenAsync();
            await Task.WhenAll(senders);
        }
        await Task.WhenAll(Enumerable.Range(0, Devices).Select(i => SendAsync(bed, i, Messages, acknowledged)));
        await bed.ReopenAsync();

        var read = bed.ReadAll();
        Assert.Equal(read.Count, read.Distinct().Count());
        foreach (var device in read.GroupBy(record => record.Device))
            Assert.Equal(
                Enumerable.Range(1, (int)Messages).Select(i => (uint)i),
                device.Select(record => record.Sequence)
            );
        Assert.Equal(Devices * (int)Messages, read.Count);
    }

    /// <summary>As a device does: asks for the last sequence, resends what is above it, until the gateway goes away.</summary>
    private static async Task SendAsync(JournalBed bed, int index, uint upTo, uint[] acknowledged)
    {
        var (journal, device) = (bed.Journal, $"device-{index}");
        var last = journal.LastSequence(device, 1);
        Assert.True(last >= acknowledged[index], $"{device}: acknowledged {acknowledged[index]}, on disk {last}");
        void Acknowledge(uint epoch, uint sequence) => acknowledged[index] = Math.Max(acknowledged[index], sequence);
        try
        {
            for (var sequence = last + 1; sequence <= upTo; sequence++)
            {
                var entry = JournalBed.Entry(device, 1, sequence);
                await journal.AppendAsync(entry, JournalBed.Body(sequence), Acknowledge, CancellationToken.None);
                await Task.Yield();
            }
        }
        catch (ObjectDisposedException)
        {
            // The gateway restarts; the device comes back.
        }
    }
}
