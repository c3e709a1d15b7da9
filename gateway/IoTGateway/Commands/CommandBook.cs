using System.Collections.Concurrent;
using System.Data.Common;
using IoTGateway.Links;
using IoTGateway.Observability;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Commands;

/// <summary>
/// The commands that have not ended, in memory as on disk, and what may happen to them. One thread at a time: the
/// dispatcher's loop.
/// </summary>
internal sealed partial class CommandBook(
    LinkTable links,
    LimitsOptions limits,
    CommandOptions options,
    TimeProvider time,
    CommandFeed feed,
    CommandCounters counters
)
{
    // Written by the loop alone.
    private readonly ConcurrentDictionary<string, List<ActiveCommand>> _byDevice = new();
    private readonly PriorityQueue<ActiveCommand, long> _deadlines = new();

    /// <summary>Whether outcomes of new commands stay marked until somebody was told of them.</summary>
    public bool KeepsUntold { get; set; }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>The next moment at which one expires, as a timestamp; null for none.</summary>
    public long? NextDeadline
    {
        get
        {
            while (_deadlines.TryPeek(out var active, out var deadline))
            {
                if (!active.Command.HasEnded)
                    return deadline;
                _deadlines.Dequeue();
            }
            return null;
        }
    }

    /// <summary>Takes from disk what has not ended. What was known before keeps its deadline.</summary>
    public void Load(DbConnection connection)
    {
        var known = _byDevice.Values.SelectMany(all => all).ToDictionary(active => active.Command.Id);
        _byDevice.Clear();
        _deadlines.Clear();
        foreach (var command in CommandStore.Active(connection))
        {
            var deadline = known.TryGetValue(command.Id, out var active) ? active.Deadline : DeadlineOf(command);
            Enter(
                new ActiveCommand(command, deadline)
                {
                    SentAfter = command.SentMs is null ? 0 : CommandStore.CountSentAfter(connection, command),
                }
            );
        }
    }

    /// <summary>Takes a device's result.</summary>
    /// <returns>False for an unknown or ended command, which stays as it is.</returns>
    public bool Complete(CommandRound round, string device, CommandResult result)
    {
        if (Waiting(device).FirstOrDefault(known => known.Command.Id == result.Id) is not { } active)
            return false;
        var status = result.Outcome switch
        {
            CommandOutcome.Succeeded => CommandStatus.Succeeded,
            CommandOutcome.Failed => CommandStatus.Failed,
            CommandOutcome.Refused => CommandStatus.Refused,
            _ => CommandStatus.Expired,
        };
        // A device may answer what another link, or a run of the gateway that fell, has sent.
        End(round, active, status, CommandChange.Device, result.Json);
        SendWaiting(round, device);
        return true;
    }

    /// <summary>Takes a command back.</summary>
    public Cancellation Cancel(CommandRound round, string device, Guid id, string by)
    {
        if (Waiting(device).FirstOrDefault(known => known.Command.Id == id) is not { } active)
            return CommandStore.Find(round.Connection, device, id) is { } ended
                ? new Cancellation(CancellationOutcome.TooLate, ended)
                : Cancellation.Unknown;
        if (active.Command.Status != CommandStatus.Queued)
            return new Cancellation(CancellationOutcome.TooLate, active.Command);
        End(round, active, CommandStatus.Cancelled, by);
        return new Cancellation(CancellationOutcome.Cancelled, active.Command);
    }

    /// <summary>Ends what has lived its time; false where nothing has.</summary>
    public bool Expire(CommandRound round)
    {
        var now = time.GetTimestamp();
        var hasExpired = false;
        while (NextDeadline <= now)
        {
            hasExpired = true;
            var active = _deadlines.Dequeue();
            End(
                round,
                active,
                CommandStatus.Expired,
                CommandChange.Gateway,
                """{"error":"no result within the time to live"}"""
            );
            SendWaiting(round, active.Command.Device);
        }
        return hasExpired;
    }

    /// <summary>For a device that was removed: one that gets its name later must not run what was meant for it.</summary>
    public void Forget(CommandRound round, string device)
    {
        foreach (var active in Waiting(device).ToArray())
            End(
                round,
                active,
                CommandStatus.Cancelled,
                CommandChange.Gateway,
                """{"error":"the device was removed"}"""
            );
        CommandStore.DeleteOf(round.Connection, device);
    }

    /// <summary>Whether a device has commands that have not ended; from any thread.</summary>
    public bool HasWaiting(string device) => _byDevice.ContainsKey(device);

    private List<ActiveCommand> Waiting(string device) => _byDevice.GetValueOrDefault(device, []);

    private void Enter(ActiveCommand active)
    {
        if (!_byDevice.TryGetValue(active.Command.Device, out var waiting))
            _byDevice[active.Command.Device] = waiting = [];
        waiting.Add(active);
        _deadlines.Enqueue(active, active.Deadline);
    }

    private void Move(CommandRound round, ActiveCommand active, CommandStatus status, string by, string result = "")
    {
        var command = active.Command.Moved(status, NowMs, by, result);
        active.Command = command;
        CommandStore.Update(round.Connection, command);
        round.AfterCommit(() => feed.Publish(command));
    }

    private void End(CommandRound round, ActiveCommand active, CommandStatus status, string by, string result = "")
    {
        Move(round, active, status, by, result);
        var ended = active.Command;
        round.AfterCommit(() =>
        {
            counters.CountEnded(ended);
            Tracing.Ended(ended);
        });
        var waiting = _byDevice[active.Command.Device];
        waiting.Remove(active);
        if (waiting.Count == 0)
            _byDevice.TryRemove(active.Command.Device, out _);
    }

    /// <summary>After a restart only the wall clock is left to tell; were it set back, a command gets its time once more at most.</summary>
    private long DeadlineOf(DeviceCommand command)
    {
        var left = Math.Clamp(command.ExpiresMs - NowMs, 0, (long)command.TimeToLive.TotalMilliseconds);
        return time.GetTimestamp() + Ticks(TimeSpan.FromMilliseconds(left));
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);
}
