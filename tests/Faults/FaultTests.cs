using IoTGateway.Faults.Runs;

// Most of their time they wait: for an outage to end, for devices to come back.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]

namespace IoTGateway.Faults;

/// <summary>kill -9, in its short form.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    [Fact]
    public async Task What_was_acknowledged_before_any_of_100_kills_is_stored_once()
    {
        var left = new FaultRun("kill", seed: 7, output.WriteLine);
        var right = new FaultRun("kill", seed: 8, output.WriteLine);
        await left.TellAsync(_ => right.TellAsync(_ => KillRun.RunTwiceAsync(left, right, times: 100, devices: 3)));
    }
}

/// <summary>How a gateway ends, and what it says when it did not end in order.</summary>
public sealed class EndTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_stop_under_load_parts_from_every_device_in_order_within_five_seconds() =>
        new FaultRun("stop", seed: 1, output.WriteLine).TellAsync(run => StopRun.RunAsync(run, devices: 40));

    [Fact]
    public Task A_crash_loop_is_told_at_every_start_with_what_was_recovered() =>
        CrashLoopRun.RunAsync(output.WriteLine, kills: 2);
}

/// <summary>No room on the disk, or in the journal's quota.</summary>
public sealed class DiskTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(2);

    [Fact]
    public Task A_full_disk_stops_receipts_and_nothing_else_and_loses_nothing() =>
        new FaultRun("disk", seed: 1, output.WriteLine).TellAsync(run => DiskRun.FullAsync(run, devices: 4, Outage));

    [Fact]
    public Task The_journals_quota_stops_receipts_and_nothing_else_and_loses_nothing() =>
        new FaultRun("quota", seed: 1, output.WriteLine).TellAsync(run => DiskRun.QuotaAsync(run, devices: 4, Outage));
}

/// <summary>InfluxDB, real and killed.</summary>
public sealed class DatabaseTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_database_killed_under_load_and_away_for_a_while_loses_no_row_and_holds_up_nobody() =>
        new FaultRun("database", seed: 1, output.WriteLine).TellAsync(run =>
            DatabaseRun.RunAsync(run, kills: 4, devices: 2, TimeSpan.FromSeconds(2))
        );
}

/// <summary>A fleet that comes back at once.</summary>
public sealed class StormTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_fleet_comes_back_in_no_second_wave_after_a_stop_and_after_a_kill() =>
        new FaultRun("storm", seed: 1, output.WriteLine).TellAsync(run =>
            StormRun.RunAsync(run, new Storm(240, HandshakesPerSecond: 40, OverTls: false))
        );
}

/// <summary>A fleet that is registered at once.</summary>
public sealed class AddsTests(ITestOutputHelper output)
{
    [Fact]
    public Task Hundreds_of_devices_registered_at_once_keep_no_receipt_waiting() =>
        new FaultRun("adds", seed: 1, output.WriteLine).TellAsync(run => AddsRun.RunAsync(run, adds: 300));
}

/// <summary>Peers that mean harm.</summary>
public sealed class HostileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    [Fact]
    public Task Hostile_peers_cost_the_others_neither_link_nor_row_nor_time() =>
        new FaultRun("hostile", seed: 1, output.WriteLine).TellAsync(run => HostileRun.RunAsync(run, Calm));
}

/// <summary>Messages that are spoilt.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(2);

    [Fact]
    public Task Fuzzed_messages_on_live_links_cost_the_others_neither_link_nor_row_nor_time() =>
        new FaultRun("fuzz", seed: 1, output.WriteLine).TellAsync(run => FuzzRun.RunAsync(run, messages: 5_000, Calm));
}

/// <summary>Peers that say nothing.</summary>
public sealed class MuteTests(ITestOutputHelper output)
{
    [Fact]
    public Task Peers_that_connect_and_say_nothing_cost_little_and_leave_nothing() =>
        new FaultRun("mute", seed: 1, output.WriteLine).TellAsync(run => MuteRun.RunAsync(run, peers: 300));
}

/// <summary>The network between devices and gateway.</summary>
public sealed class NetworkTests(ITestOutputHelper output)
{
    [Fact]
    public Task Delay_cuts_and_half_open_links_cost_no_row_and_presence_is_right() =>
        new FaultRun("network", seed: 1, output.WriteLine).TellAsync(run =>
            NetworkRun.RunAsync(run, cuts: 10, delayed: TimeSpan.FromSeconds(5))
        );

    [Fact]
    public Task A_third_of_all_packets_lost_costs_no_row_and_no_link() =>
        LossRun.RunAsync(output.WriteLine, seed: 1, percent: 30, seconds: 15);
}

/// <summary>Readers of the live feed that stop reading.</summary>
public sealed class LiveTests(ITestOutputHelper output)
{
    [Fact]
    public Task A_reader_that_stalls_costs_no_memory_slows_nobody_and_gets_the_newest_row() =>
        new FaultRun("live", seed: 1, output.WriteLine).TellAsync(run =>
            LiveRun.RunAsync(run, readers: 2, TimeSpan.FromSeconds(5))
        );
}

/// <summary>Devices whose clocks are wrong.</summary>
public sealed class ClockTests(ITestOutputHelper output)
{
    [Fact]
    public Task Clocks_that_are_wrong_or_jump_cost_no_row() =>
        new FaultRun("clocks", seed: 1, output.WriteLine).TellAsync(run => ClockRun.RunAsync(run, jumps: 8));
}
