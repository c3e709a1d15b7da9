using System.Diagnostics.Metrics;

namespace IoTGateway.Commands;

/// <summary>What is counted of commands.</summary>
internal sealed class CommandCounters
{
    private readonly long[] _ended = new long[Enum.GetValues<CommandStatus>().Length];
    private readonly long[] _submitted = new long[Enum.GetValues<SubmissionOutcome>().Length];
    private readonly Histogram<double> _seconds;
    private long _strays;

    public CommandCounters(GatewayMetrics metrics)
    {
        metrics.CountBy("iotgw_commands_total", "Commands ended", "status", _ended, i => Words.Of((CommandStatus)i));
        metrics.CountBy(
            "iotgw_commands_submitted_total",
            "Commands asked for, by what came of asking",
            "outcome",
            _submitted,
            i => Words.Of((SubmissionOutcome)i)
        );
        metrics.Count(
            "iotgw_command_stray_results_total",
            "Results of commands that are unknown here or had ended before, such as by their time to live",
            () => Interlocked.Read(ref _strays)
        );
        _seconds = metrics.Meter.CreateHistogram<double>(
            "iotgw_command_seconds",
            "s",
            "From asking for a command to its result"
        );
    }

    public void CountEnded(DeviceCommand command)
    {
        Interlocked.Increment(ref _ended[(int)command.Status]);
        _seconds.Record((command.Changes[^1].AtMs - command.CreatedMs) / 1000.0);
    }

    public void CountSubmitted(SubmissionOutcome outcome) => Interlocked.Increment(ref _submitted[(int)outcome]);

    public void CountStray() => Interlocked.Increment(ref _strays);
}
