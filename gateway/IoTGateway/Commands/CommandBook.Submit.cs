using System.Data.Common;
using IoTGateway.Devices;

namespace IoTGateway.Commands;

/// <summary>How a command comes in, or why it does not.</summary>
internal sealed partial class CommandBook
{
    public Submission Submit(CommandRound round, CommandOrder order)
    {
        if (!IsRegistered(round.Connection, order.Device))
            return Submission.Refused(
                SubmissionOutcome.UnknownDevice,
                $"There is no device '{order.Device}'. GET /api/devices lists those there are; POST /api/devices adds one."
            );
        if (order.IdempotencyKey is { } key && CommandStore.FindByKey(round.Connection, order.Device, key) is { } known)
            return order.AsksFor(known)
                ? new Submission(SubmissionOutcome.Repeated, known)
                : Submission.Refused(
                    SubmissionOutcome.KeyReused,
                    $"'{key}' is the key of command {known.Id} ('{known.Name}'), with another name, arguments or time to live: give this one a key of its own."
                );
        var waiting = Waiting(order.Device);
        if (waiting.Count >= limits.QueuedCommandsPerDevice)
            return Submission.Refused(
                SubmissionOutcome.TooMany,
                $"{waiting.Count} commands wait for '{order.Device}', and no more may (Limits:QueuedCommandsPerDevice): cancel some, or wait until they end."
            );
        var active = Create(order);
        Enter(active);
        var queued = active.Command;
        CommandStore.Insert(round.Connection, queued, KeepsUntold);
        CommandStore.KeepNewest(round.Connection, order.Device, options.KeepPerDevice);
        round.AfterCommit(() => feed.Publish(queued));
        // In the same transaction where the device is there: one fsync for both.
        if (LinkOf(order.Device) is { } link)
            TrySend(round, active, link);
        return new Submission(SubmissionOutcome.Taken, active.Command);
    }

    private ActiveCommand Create(CommandOrder order)
    {
        var now = time.GetUtcNow();
        var nowMs = now.ToUnixTimeMilliseconds();
        var command = new DeviceCommand(
            Guid.CreateVersion7(now),
            order.Device,
            order.Name!, // checked before it came here
            order.Arguments,
            order.TimeToLive,
            nowMs + (long)order.TimeToLive.TotalMilliseconds,
            order.IdempotencyKey,
            [new CommandChange(CommandStatus.Queued, nowMs, order.By)]
        );
        return new ActiveCommand(command, time.GetTimestamp() + Ticks(order.TimeToLive));
    }

    private static bool IsRegistered(DbConnection connection, string device)
    {
        using var found = connection.Command("SELECT 1 FROM devices WHERE id = @id", ("@id", device));
        return found.ExecuteScalar() is not null;
    }
}
