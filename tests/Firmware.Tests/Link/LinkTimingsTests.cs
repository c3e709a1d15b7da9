using IoTGateway.Device.Link;

namespace Firmware.Tests.Link;

public class LinkTimingsTests
{
    [Fact]
    public void The_rests_and_limits_of_the_cures_are_those_that_were_measured_to_cure()
    {
        var board = new LinkTimings();

        Assert.Equal((500, 100), (board.RestBeforeCollectMs, board.RestAfterCollectMs));
        Assert.Equal((15_000, 10_000), (board.KeepAliveMs, board.ServerTimeoutMs));
        Assert.Equal((90_000, 10_000, 60_000), (board.ConnectMs, board.WelcomeMs, board.StallMs));
        Assert.Equal((int.MaxValue, 3), (LinkCures.MaxFragmentSize, LinkCures.HungConnectsBeforeReboot));
    }
}
