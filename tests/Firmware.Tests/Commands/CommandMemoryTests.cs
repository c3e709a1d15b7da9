using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Commands;
using IoTGateway.Device.Wire;
using IoTGateway.VirtualDevice;
using IoTGateway.VirtualDevice.StandIns;

namespace Firmware.Tests.Commands;

/// <summary>The power goes at every step of a command; the board boots on the flash that this leaves.</summary>
public sealed class CommandMemoryTests : IDisposable
{
    private readonly TestMachine _first = new();
    private readonly string _flash;

    public CommandMemoryTests() => _flash = _first.Flash("");

    public void Dispose() => _first.Dispose();

    [Theory]
    [InlineData("writing that it begins", 0)]
    [InlineData("before it does anything", 0)]
    [InlineData("after it did it", 1)]
    [InlineData("writing its answer", 1)]
    [InlineData("sending its answer", 1)]
    public void A_command_that_the_power_cuts_short_at_any_step_never_runs_twice(string step, int done)
    {
        var handler = new Valve();
        var id = Guid.NewGuid();
        var (machine, runner) = Boot(handler);
        handler.Before = () => CutIf(machine, step == "before it does anything");
        handler.After = () =>
        {
            CutIf(machine, step == "after it did it");
            if (step == "writing its answer")
                machine.Flash.CutPowerInNextWrite(machine.CutPower);
        };
        if (step == "writing that it begins")
            machine.Flash.CutPowerInNextWrite(machine.CutPower);
        runner.Run(Open(id), 0);
        machine.CutPower();
        Assert.Equal(done, handler.Opened);

        handler.Before = handler.After = () => { };
        var (_, again) = Boot(handler);
        var answer = again.Run(Open(id), 0);
        var repeated = Boot(handler).Runner.Run(Open(id), 0);
        Assert.Equal((answer.Outcome, answer.Json), (repeated.Outcome, repeated.Json));
        // What had not begun runs now, once; what had answered is answered alike; the rest is said to be unknown.
        Assert.Equal(step == "before it does anything" ? 0 : 1, handler.Opened);
        var isKnown = step is "writing that it begins" or "sending its answer";
        Assert.Equal(isKnown ? CommandOutcome.Succeeded : CommandOutcome.Failed, answer.Outcome);
        Assert.Equal(!isKnown, answer.Json.Contains("interrupted by a restart", StringComparison.Ordinal));
    }

    [Fact]
    public void A_command_whose_time_passed_over_a_reboot_does_not_run()
    {
        var handler = new Valve();
        var id = Guid.NewGuid();
        var (machine, runner) = Boot(handler);
        machine.Flash.CutPowerInNextWrite(machine.CutPower);
        runner.Run(Open(id), 0);

        var answer = Boot(handler).Runner.Run(Open(id, ttlMs: 0), 0);
        Assert.Equal((CommandOutcome.Expired, 0), (answer.Outcome, handler.Opened));
    }

    [Fact]
    public void A_command_whose_id_the_flash_does_not_take_is_refused()
    {
        var handler = new Valve();
        var (machine, runner) = Boot(handler);
        machine.Flash.Capacity = 0;

        var answer = runner.Run(Open(Guid.NewGuid()), 0);
        Assert.Equal((CommandOutcome.Refused, 0), (answer.Outcome, handler.Opened));
    }

    [Fact]
    public void A_thousand_commands_write_two_small_files_each_and_keep_the_last_32()
    {
        var handler = new Valve();
        var (machine, runner) = Boot(handler);
        var ids = Enumerable.Range(0, 1000).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var id in ids)
            runner.Run(Open(id), 0);
        Assert.Equal(2 * CommandMemory.Remembered, Directory.GetFiles(_flash, "command*").Length);
        Assert.InRange(machine.Flash.BytesWritten / ids.Length, 1, 100);

        var (_, again) = Boot(handler);
        foreach (var id in ids[^CommandMemory.Remembered..])
            again.Run(Open(id), 0);
        Assert.Equal(1000, handler.Opened);
        again.Run(Open(ids[^33]), 0);
        Assert.Equal(1001, handler.Opened);
    }

    private static void CutIf(Machine machine, bool now)
    {
        if (!now)
            return;
        machine.CutPower();
        throw new PowerOffException();
    }

    private (Machine Machine, CommandRunner Runner) Boot(Valve handler)
    {
        var machine = new Machine(_flash, TimeProvider.System);
        Machine.Current = machine;
        return (machine, new CommandRunner([handler], new BenchBoard(), new Counters()));
    }

    private static Command Open(Guid id, uint ttlMs = 60_000) =>
        new()
        {
            Id = id.ToByteArray(bigEndian: true),
            TtlMs = ttlMs,
            Name = "open",
            Arguments = "",
        };

    /// <summary>Something that must not happen twice.</summary>
    private sealed class Valve : ICommandHandler
    {
        public string Name => "open";

        public string Schema => "";

        public int Opened { get; private set; }

        public Action Before { get; set; } = () => { };

        public Action After { get; set; } = () => { };

        public CommandAnswer Run(string arguments)
        {
            Before();
            Opened++;
            After();
            return CommandAnswer.Succeeded("""{"open":true}""");
        }
    }
}
