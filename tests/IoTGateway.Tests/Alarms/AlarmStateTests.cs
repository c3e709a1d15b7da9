using IoTGateway.Alarms;

namespace IoTGateway.Tests.Alarms;

public sealed class AlarmStateTests
{
    private static readonly AlarmRule TooWarm = new(
        1,
        "Too warm",
        "",
        "climate",
        "temperature",
        AlarmKind.Above,
        30,
        2,
        0
    );

    [Fact]
    public void A_value_over_the_threshold_raises_once_and_ends_only_beyond_the_hysteresis()
    {
        var state = new AlarmState(TooWarm, "roof");
        Assert.Null(state.Take(1, 30, 0));
        Assert.Equal((true, 2L, 30.1), Of(state.Take(2, 30.1, 0)));
        Assert.Null(state.Take(3, 31, 0));
        Assert.Null(state.Take(4, 28.1, 0));
        Assert.Null(state.Take(5, 30.5, 0));
        Assert.Equal((false, 6L, 28), Of(state.Take(6, 28, 0)));
    }

    [Fact]
    public void A_value_under_the_threshold_raises_and_ends_above_it()
    {
        var state = new AlarmState(TooWarm with { Kind = AlarmKind.Below, Threshold = 0, Hysteresis = 1 }, "roof");
        Assert.Null(state.Take(1, 0, 0));
        Assert.True(state.Take(2, -0.1, 0)?.Raised);
        Assert.Null(state.Take(3, 0.9, 0));
        Assert.False(state.Take(4, 1, 0)?.Raised);
    }

    [Fact]
    public void What_is_missing_for_long_enough_raises_and_the_next_value_ends_it()
    {
        var state = new AlarmState(TooWarm with { Kind = AlarmKind.Missing, AfterSeconds = 10 }, "roof");
        state.ListenFrom(1_000);
        Assert.Null(state.Look(10_999));
        Assert.True(state.Look(11_000)?.Raised);
        Assert.Null(state.Look(20_000));
        Assert.False(state.Take(5, 20, 21_000)?.Raised);
        Assert.Null(state.Look(30_999));
        Assert.True(state.Look(31_000)?.Raised);
    }

    [Fact]
    public void Rows_that_come_late_tell_of_an_alarm_that_was_and_change_nothing_that_is()
    {
        var state = new AlarmState(TooWarm, "roof");
        Assert.Null(state.Take(100, 20, 0));
        var late = state.Take(50, 35, 0);
        Assert.Equal((true, 50L, 35), Of(late));
        Assert.True(late?.Late);
        Assert.False(state.IsRaised);
        Assert.Null(state.Take(51, 36, 0));
        var over = state.Take(52, 20, 0);
        Assert.Equal((false, 52L, 20), Of(over));
        Assert.True(over?.Late);
        Assert.True(state.Take(101, 31, 0)?.Raised);
        Assert.True(state.IsRaised);
    }

    [Fact]
    public void A_late_row_from_before_an_alarm_that_holds_is_told_and_one_within_it_is_not()
    {
        var state = new AlarmState(TooWarm, "roof");
        Assert.True(state.Take(100, 31, 0)?.Raised);
        Assert.Null(state.Take(200, 32, 0));
        Assert.Null(state.Take(150, 33, 0));
        Assert.True(state.Take(50, 33, 0)?.Late);
        Assert.True(state.IsRaised);
    }

    [Theory]
    [InlineData("name", "'name'")]
    [InlineData("field", "'measurement' and 'field'")]
    [InlineData("threshold", "'threshold'")]
    [InlineData("hysteresis", "'hysteresis'")]
    [InlineData("after", "'afterSeconds'")]
    [InlineData("device", "'device'")]
    public void A_rule_that_makes_no_sense_is_refused_by_name(string what, string said)
    {
        var rule = what switch
        {
            "name" => TooWarm with { Name = "" },
            "field" => TooWarm with { Field = "" },
            "threshold" => TooWarm with { Threshold = double.NaN },
            "hysteresis" => TooWarm with { Hysteresis = -1 },
            "after" => TooWarm with { Kind = AlarmKind.Missing },
            _ => TooWarm with { Device = "NO" },
        };
        Assert.StartsWith(said, rule.Error(), StringComparison.Ordinal);
        Assert.Null(TooWarm.Error());
    }

    private static (bool, long, double?)? Of(AlarmEvent? happened) =>
        happened is null ? null : (happened.Raised, happened.AtMs, happened.Value);
}
