using IoTGateway.Links;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Commands;

/// <summary>
/// What goes out on links. A device remembers the last 32 ids (PROTOCOL.md, "Commands and settings"), so no more than 31
/// others are sent while the result of one is not known: it is still remembered when it has to be sent again.
/// </summary>
internal sealed partial class CommandBook
{
    /// <summary>Sends a device that has just come all that waits for it, also what a link before it may have taken along.</summary>
    public void Deliver(CommandRound round, DeviceSession link)
    {
        link.HasCommands = true;
        foreach (var active in Waiting(link.Device).ToArray())
            TrySend(round, active, link);
    }

    private void SendWaiting(CommandRound round, string device)
    {
        if (LinkOf(device) is not { } link)
            return;
        foreach (var active in Waiting(device).Where(all => all.Command.Status == CommandStatus.Queued).ToArray())
            TrySend(round, active, link);
    }

    /// <summary>The device's link, once it has got what waited for it.</summary>
    private DeviceSession? LinkOf(string device) => links.Find(device) is { HasCommands: true } link ? link : null;

    private void TrySend(CommandRound round, ActiveCommand active, DeviceSession link)
    {
        if (link.Encode(MessageOf(active)).Length > link.MaxMessageBytes)
        {
            var reason = $$"""{"error":"larger than the {{link.MaxMessageBytes}} bytes this device takes"}""";
            End(round, active, CommandStatus.Refused, CommandChange.Gateway, reason);
            return;
        }
        if (active.Command.Status == CommandStatus.Queued && !TryMoveToSent(round, active))
            return;
        round.AfterCommit(() =>
        {
            var message = MessageOf(active);
            if (message.TtlMs > 0)
                link.Send(message);
        });
    }

    private bool TryMoveToSent(CommandRound round, ActiveCommand active)
    {
        var outstanding = Waiting(active.Command.Device)
            .Where(all => all.Command.Status == CommandStatus.Sent)
            .ToArray();
        if (Array.Exists(outstanding, sent => sent.SentAfter >= ProtocolLimits.CommandIdsRemembered - 1))
            return false;
        foreach (var sent in outstanding)
            sent.SentAfter++;
        Move(round, active, CommandStatus.Sent, CommandChange.Gateway);
        return true;
    }

    private Command MessageOf(ActiveCommand active)
    {
        var left = time.GetElapsedTime(time.GetTimestamp(), active.Deadline);
        var ttl = (uint)Math.Clamp(left.TotalMilliseconds, 0, uint.MaxValue);
        return new Command(active.Command.Id, ttl, active.Command.Name, active.Command.Arguments);
    }
}
