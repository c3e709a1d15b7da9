using IoTGateway.Commands;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Commands;

public sealed class CommandLifeTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_wall_clock_that_is_set_ends_no_command_early_and_lets_none_live_longer()
    {
        await using var rig = await CommandRig.StartAsync();
        var command = await rig.SubmitAsync(seconds: 30);
        rig.Time.Step(Hour);
        Assert.Equal(CommandStatus.Queued, await rig.StatusAsync(command));
        rig.Time.Step(-Hour - Hour);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(CommandStatus.Queued, await rig.StatusAsync(command));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CommandStatus.Expired, await rig.StatusAsync(command));
    }

    [Fact]
    public async Task Over_a_restart_the_wall_clock_counts()
    {
        await using var rig = await CommandRig.StartAsync();
        var soon = await rig.SubmitAsync(seconds: 30);
        var late = await rig.SubmitAsync(seconds: 90);
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        await rig.RestartAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(CommandStatus.Queued, await rig.StatusAsync(soon));
        rig.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(CommandStatus.Expired, await rig.StatusAsync(soon));
        Assert.Equal(CommandStatus.Queued, await rig.StatusAsync(late));
    }

    [Fact]
    public async Task A_wall_clock_set_back_over_a_restart_gives_a_command_its_time_once_more_at_most()
    {
        await using var rig = await CommandRig.StartAsync();
        var command = await rig.SubmitAsync(seconds: 30);
        await rig.StopAsync();
        rig.Time.Step(-Hour);
        await rig.RestartAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(CommandStatus.Expired, await rig.StatusAsync(command));
    }

    [Fact]
    public async Task What_has_ended_is_forgotten_when_it_is_old()
    {
        await using var rig = await CommandRig.StartAsync();
        var old = await rig.SubmitAsync(seconds: 30);
        rig.Time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(CommandStatus.Expired, await rig.StatusAsync(old));
        rig.Time.Advance(TimeSpan.FromDays(2));
        var fresh = await rig.SubmitAsync(seconds: 30);
        Assert.Equal([fresh.Id], rig.Dispatcher.Of("roof").Select(command => command.Id));
    }

    [Fact]
    public async Task What_the_disk_does_not_take_is_refused_and_what_it_has_lives_on()
    {
        await using var rig = await CommandRig.StartAsync();
        var before = await rig.SubmitAsync(seconds: 30);
        rig.Execute("ALTER TABLE commands RENAME TO away");
        var order = new CommandOrder("roof", "light", "", TimeSpan.FromMinutes(1), null, "test");
        var refused = await rig.Dispatcher.SubmitAsync(order, Patience.Token());
        Assert.Equal((SubmissionOutcome.Unavailable, null), (refused.Outcome, refused.Command));
        rig.Time.Step(Hour);
        rig.Execute("ALTER TABLE away RENAME TO commands");
        Assert.Equal([before.Id], rig.Dispatcher.Of("roof").Select(command => command.Id));
        // Read again from disk, and its deadline is still that of the monotonic clock.
        Assert.Equal(CommandStatus.Queued, await rig.StatusAsync(before));
        Assert.Equal(SubmissionOutcome.Taken, (await rig.Dispatcher.SubmitAsync(order, Patience.Token())).Outcome);
    }

    [Fact]
    public async Task A_watcher_who_does_not_read_holds_up_nobody_and_can_tell_that_he_missed_something()
    {
        await using var rig = await CommandRig.StartAsync();
        using var slow = rig.Dispatcher.Changes.Subscribe("roof");
        for (var i = 0; i < 150; i++)
        {
            var command = await rig.SubmitAsync(seconds: 30);
            await rig.Dispatcher.CancelAsync("roof", command.Id, "test", Patience.Token());
        }
        Assert.Equal(300 - 256, slow.Missed);
        await rig.StopAsync();
        Assert.Equal(256, await slow.ReadAllAsync(Patience.Token()).CountAsync());
        await rig.RestartAsync();
    }
}
