using IoTGateway.Links;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Commands;

/// <summary>
/// Brings commands to devices: at once on a live link, else when the device comes within the command's time to live,
/// and again after a reconnect while no result is known: the device runs an id once.
/// </summary>
/// <remarks>Kept in memory, the newest 256 of each device: a restart of the gateway forgets them.</remarks>
internal sealed class CommandDispatcher
{
    private const int KeptPerDevice = 256;

    private readonly Dictionary<string, List<DeviceCommand>> _byDevice = [];
    private readonly Lock _lock = new();
    private readonly LinkTable _links;
    private readonly LimitsOptions _limits;
    private readonly TimeProvider _time;
    private readonly long[] _ended = new long[Enum.GetValues<CommandStatus>().Length];
    private readonly System.Diagnostics.Metrics.Histogram<double> _seconds;

    public CommandDispatcher(LinkTable links, LimitsOptions limits, TimeProvider time, GatewayMetrics metrics)
    {
        _links = links;
        _limits = limits;
        _time = time;
        metrics.CountBy("iotgw_commands_total", "Commands ended", "status", _ended, i => Words.Of((CommandStatus)i));
        _seconds = metrics.Meter.CreateHistogram<double>(
            "iotgw_command_seconds",
            "s",
            "From asking for a command to its result"
        );
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes a command in and sends it where the device is there.</summary>
    /// <returns>The command, or the one that came with the same idempotency key; null where too many wait already.</returns>
    public DeviceCommand? Submit(
        string device,
        string name,
        string arguments,
        TimeSpan timeToLive,
        string? idempotencyKey
    )
    {
        var now = NowMs;
        DeviceCommand command;
        lock (_lock)
        {
            if (!_byDevice.TryGetValue(device, out var commands))
                _byDevice[device] = commands = [];
            var same = idempotencyKey is null ? null : commands.Find(known => known.IdempotencyKey == idempotencyKey);
            if (same is not null)
                return same;
            if (commands.Count(waiting => !waiting.HasEnded) >= _limits.QueuedCommandsPerDevice)
                return null;
            var expires = now + (long)timeToLive.TotalMilliseconds;
            var id = Guid.CreateVersion7(_time.GetUtcNow());
            command = new DeviceCommand(id, device, name, arguments, now, expires) { IdempotencyKey = idempotencyKey };
            commands.Add(command);
            if (commands.Count > KeptPerDevice && commands.FindIndex(old => old.HasEnded) is >= 0 and var oldest)
                commands.RemoveAt(oldest);
            command.Expiry = _time.CreateTimer(
                _ => End(command, CommandStatus.Expired, """{"error":"no result within the time to live"}"""),
                null,
                timeToLive,
                Timeout.InfiniteTimeSpan
            );
        }
        if (_links.Find(device) is { IsOpen: true } link)
            Send(command, link);
        return command;
    }

    /// <summary>Sends a device that has just come all that waits for it.</summary>
    public void Deliver(DeviceSession link)
    {
        foreach (var command in Of(link.Device).Where(command => !command.HasEnded))
            Send(command, link);
    }

    /// <summary>Takes a device's result; one for an unknown or ended command changes nothing.</summary>
    public void Complete(string device, CommandResult result)
    {
        if (Find(device, result.Id) is not { } command)
            return;
        var status = result.Outcome switch
        {
            CommandOutcome.Succeeded => CommandStatus.Succeeded,
            CommandOutcome.Failed => CommandStatus.Failed,
            CommandOutcome.Refused => CommandStatus.Refused,
            _ => CommandStatus.Expired,
        };
        End(command, status, result.Json);
    }

    /// <summary>Takes a command back; false where it has left already.</summary>
    public bool TryCancel(DeviceCommand command) =>
        End(command, CommandStatus.Cancelled, string.Empty, onlyWhile: CommandStatus.Queued);

    /// <summary>For a device that was removed: one that gets its name later must not run what was meant for it.</summary>
    public void Forget(string device)
    {
        foreach (var command in Of(device))
            End(command, CommandStatus.Cancelled, string.Empty);
        lock (_lock)
            _byDevice.Remove(device);
    }

    /// <summary>A device's commands, oldest first.</summary>
    public IReadOnlyList<DeviceCommand> Of(string device)
    {
        lock (_lock)
            return _byDevice.TryGetValue(device, out var commands) ? [.. commands] : [];
    }

    public DeviceCommand? Find(string device, Guid id)
    {
        lock (_lock)
            return _byDevice.TryGetValue(device, out var commands) ? commands.Find(command => command.Id == id) : null;
    }

    private void Send(DeviceCommand command, DeviceSession link)
    {
        var left = command.ExpiresMs - NowMs;
        if (left <= 0)
            return;
        var message = link.Encode(
            new Command(command.Id, (uint)Math.Min(left, uint.MaxValue), command.Name, command.Arguments)
        );
        if (message.Length > link.MaxMessageBytes)
        {
            var reason = $$"""{"error":"larger than the {{link.MaxMessageBytes}} bytes this device takes"}""";
            End(command, CommandStatus.Refused, reason);
            return;
        }
        lock (_lock)
        {
            // It may have been cancelled, or have expired, since it was picked.
            if (command.HasEnded)
                return;
            command.TryMove(CommandStatus.Sent, NowMs);
        }
        link.Send(message);
    }

    private bool End(DeviceCommand command, CommandStatus status, string result, CommandStatus? onlyWhile = null)
    {
        lock (_lock)
        {
            if (command.Status != (onlyWhile ?? command.Status) || !command.TryMove(status, NowMs, result))
                return false;
            _ended[(int)status]++;
        }
        _seconds.Record((NowMs - command.Changes[0].AtMs) / 1000.0);
        return true;
    }
}
