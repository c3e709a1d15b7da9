using IoTGateway.Sinks.History;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Sinks;

/// <summary>The gateway's clock is set, forward and back: no history goes for it.</summary>
public sealed class ExpiryClockTests
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    private readonly TwoClocks _clock = new();

    [Fact]
    public void A_year_ahead_is_believed_only_after_it_has_lasted_for_a_day()
    {
        var expiry = new ExpiryClock(_clock);
        var before = expiry.Now();
        _clock.Wall += Year;
        Assert.Equal(before, expiry.Now());
        Assert.True(expiry.IsInDoubt);
        for (var hour = 1; hour < 24; hour++)
        {
            _clock.Pass(TimeSpan.FromHours(1));
            Assert.Equal(before + TimeSpan.FromHours(hour), expiry.Now());
        }
        _clock.Pass(TimeSpan.FromHours(1));
        Assert.Equal(before + Year + TimeSpan.FromDays(1), expiry.Now());
        Assert.False(expiry.IsInDoubt);
    }

    [Fact]
    public void A_year_ahead_and_back_again_was_never_believed()
    {
        var expiry = new ExpiryClock(_clock);
        var before = expiry.Now();
        _clock.Wall += Year;
        _clock.Pass(TimeSpan.FromHours(20));
        expiry.Now();
        _clock.Wall -= Year;
        _clock.Pass(TimeSpan.FromHours(20));
        Assert.Equal(before + TimeSpan.FromHours(40), expiry.Now());
        Assert.False(expiry.IsInDoubt);
    }

    [Fact]
    public void A_day_back_and_a_few_hours_ahead_are_believed_at_once()
    {
        var expiry = new ExpiryClock(_clock);
        var before = expiry.Now();
        _clock.Wall -= TimeSpan.FromDays(1);
        Assert.Equal(before - TimeSpan.FromDays(1), expiry.Now());
        _clock.Wall += TimeSpan.FromHours(5);
        Assert.Equal(before - TimeSpan.FromHours(19), expiry.Now());
    }

    [Fact]
    public void A_clock_that_was_set_while_the_gateway_was_off_is_in_doubt_as_well()
    {
        var lastRun = _clock.Wall;
        _clock.Wall += Year;
        var expiry = new ExpiryClock(_clock);
        expiry.Remember(lastRun);
        Assert.Equal(lastRun, expiry.Now());
        Assert.True(expiry.IsInDoubt);
    }

    [Fact]
    public async Task A_jump_between_the_start_and_the_first_row_deletes_nothing_either()
    {
        await using var bed = new HistoryBed();
        _clock.Wall = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        bed.Use(TimeSpan.FromDays(30), _clock);
        _clock.Wall += Year;
        await bed.WriteAsync(bed.Rig.Batch(bed.Rig.Telemetry(bed.Rig.ClimateRows(1, SinkRig.Start))));
        Assert.Single(await bed.ReadAsync("temperature"));
    }

    [Fact]
    public async Task A_history_whose_machine_jumps_a_year_ahead_keeps_its_rows_even_over_a_restart()
    {
        await using var bed = new HistoryBed();
        _clock.Wall = DateTimeOffset.FromUnixTimeMilliseconds(SinkRig.Start);
        bed.Use(TimeSpan.FromDays(30), _clock);
        await WriteAsync(1);
        _clock.Pass(TimeSpan.FromHours(2));
        await WriteAsync(2);
        _clock.Wall += Year;
        _clock.Pass(TimeSpan.FromHours(2));
        await WriteAsync(3);
        bed.Use(TimeSpan.FromDays(30), _clock);
        await WriteAsync(4);
        Assert.Equal(4, (await bed.ReadAsync("temperature")).Count);

        Task WriteAsync(int hour) =>
            bed.WriteAsync(
                bed.Rig.Batch(bed.Rig.Telemetry(bed.Rig.ClimateRows(1, SinkRig.Start + (hour * 3_600_000L))))
            );
    }

    /// <summary>A wall clock and the time that really passes, each by itself.</summary>
    private sealed class TwoClocks : TimeProvider
    {
        private long _passed = 1;

        public DateTimeOffset Wall { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Wall;

        public override long GetTimestamp() => _passed;

        public void Pass(TimeSpan time)
        {
            Wall += time;
            _passed += time.Ticks;
        }
    }
}
