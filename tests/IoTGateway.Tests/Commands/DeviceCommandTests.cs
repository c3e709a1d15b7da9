using IoTGateway.Commands;

namespace IoTGateway.Tests.Commands;

public sealed class DeviceCommandTests
{
    [Fact]
    public void The_changes_of_a_command_can_be_read_while_it_moves_on()
    {
        var command = new DeviceCommand(Guid.NewGuid(), "roof", "light", "", 1, 2);
        IEnumerable<CommandChange> seen = command.Changes;
        using var changes = seen.GetEnumerator();
        Assert.True(changes.MoveNext());
        Assert.True(command.TryMove(CommandStatus.Sent, 2));
        Assert.False(changes.MoveNext());
        Assert.Equal(2, command.Changes.Length);
    }

    [Fact]
    public void What_has_ended_does_not_move_on()
    {
        var command = new DeviceCommand(Guid.NewGuid(), "roof", "light", "", 1, 2);
        Assert.True(command.TryMove(CommandStatus.Succeeded, 2, "{}"));
        Assert.True(command.Ended.IsCompleted);
        Assert.False(command.TryMove(CommandStatus.Expired, 3, "late"));
        Assert.Equal((CommandStatus.Succeeded, "{}"), (command.Status, command.Result));
    }
}
