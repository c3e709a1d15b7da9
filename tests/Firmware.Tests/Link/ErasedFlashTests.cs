using Firmware.Tests.Scenarios;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Link;

/// <summary>A board that forgot which epochs it used, before a gateway that did not.</summary>
public class ErasedFlashTests
{
    [Fact]
    public async Task After_erasing_and_provisioning_all_rows_arrive_though_more_were_sealed_offline_than_ever_before()
    {
        var test = await TestGateway.StartAsync();
        await using var gateway = new FaultyGateway(test);
        gateway.Begin();
        var provisioned = DateTimeOffset.UnixEpoch.AddYears(56);
        uint before;
        await using (var device = Provisioned(gateway, provisioned))
        {
            before = device.Device.Status.Epoch;
            await Eventually.TrueAsync(() => gateway.Journal("room-1").Highest(before) >= 2);
        }

        var held = gateway.Journal("room-1").Highest(before);
        test.RefuseWith = 503;
        // A minute to write the image, and a folder without any of the files of before.
        await using var erased = Provisioned(gateway, provisioned.AddMinutes(1));
        await Eventually.TrueAsync(() => erased.Rows.Any(row => row.Sequence > held + 3));
        test.RefuseWith = null;
        await Eventually.TrueAsync(() => erased.Device.Status.RowsAcknowledged > 3 * (held + 4));
        await erased.Device.StopAsync(CancellationToken.None);

        var messages = gateway.Journal("room-1").Read().Messages;
        Assert.All(erased.Rows, row => Assert.Contains((row.Epoch, row.Sequence), messages.Keys));
        Assert.All(erased.Rows, row => Assert.NotEqual(before, row.Epoch));
        Assert.Single(erased.Rows.Select(row => row.Epoch).Distinct());
        Assert.Equal(0, erased.Device.Status.RowsLost);
    }

    [Fact]
    public async Task A_used_epoch_that_is_noticed_is_left_with_BYE_before_the_reboot()
    {
        await using var gateway = await TestGateway.StartAsync();
        await using var device = DeviceUnderTest.Start(gateway.LinkUri);
        var link = await gateway.AcceptAsync();
        await link.GreetAsync(lastSequence: 5000);
        var bye = await link.NextAsync(MessageType.Bye);
        await link.CloseAsync();
        var hello = await (await gateway.AcceptAsync()).GreetAsync();

        Assert.Equal(ByeReason.Reboot, bye[1]);
        Assert.Equal((uint)(GatewayBytes.NowMs / 1000) + 1, hello.Epoch);
    }

    private static DeviceUnderTest Provisioned(FaultyGateway gateway, DateTimeOffset moment) =>
        DeviceUnderTest.Start(
            gateway.LinkUri,
            o => o with { RowsPerMessage = 1, FirstEpoch = VirtualDeviceOptions.EpochOf(moment) }
        );
}
