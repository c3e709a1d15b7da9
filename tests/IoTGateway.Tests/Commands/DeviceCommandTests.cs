using IoTGateway.Commands;

namespace IoTGateway.Tests.Commands;

public sealed class DeviceCommandTests
{
    [Fact]
    public void A_command_that_moves_on_leaves_what_others_hold_as_it_was()
    {
        var queued = new DeviceCommand(
            Guid.NewGuid(),
            "roof",
            "light",
            "",
            TimeSpan.FromSeconds(1),
            1001,
            null,
            [new CommandChange(CommandStatus.Queued, 1, "test")]
        );
        var sent = queued.Moved(CommandStatus.Sent, 2, CommandChange.Gateway);
        var ended = sent.Moved(CommandStatus.Failed, 3, CommandChange.Device, "{}");
        Assert.Equal((CommandStatus.Queued, false, (long?)null), (queued.Status, queued.HasEnded, queued.SentMs));
        Assert.Equal((CommandStatus.Sent, false, (long?)2), (sent.Status, sent.HasEnded, sent.SentMs));
        Assert.Equal((CommandStatus.Failed, true, "{}"), (ended.Status, ended.HasEnded, ended.Result));
    }
}
