using System.Collections.Immutable;

namespace IoTGateway.Commands;

/// <summary>One command on its way. Changed only under its dispatcher's lock.</summary>
internal sealed class DeviceCommand(
    Guid id,
    string device,
    string name,
    string arguments,
    long createdMs,
    long expiresMs
)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Guid Id => id;

    public string Device => device;

    public string Name => name;

    /// <summary>A JSON object; empty for none.</summary>
    public string Arguments => arguments;

    /// <summary>Unix milliseconds.</summary>
    public long ExpiresMs => expiresMs;

    public string? IdempotencyKey { get; init; }

    public CommandStatus Status { get; private set; }

    /// <summary>The device's answer as JSON, or why there is none; empty before its end.</summary>
    public string Result { get; private set; } = string.Empty;

    /// <summary>Every status with its time, oldest first.</summary>
    public ImmutableArray<CommandChange> Changes { get; private set; } = [new(CommandStatus.Queued, createdMs)];

    public bool HasEnded => Status >= CommandStatus.Succeeded;

    /// <summary>Completes with the command's end.</summary>
    public Task Ended => _ended.Task;

    public ITimer? Expiry { get; set; }

    /// <summary>Moves on; false where it has ended already.</summary>
    public bool TryMove(CommandStatus status, long nowMs, string result = "")
    {
        if (HasEnded || status == Status)
            return false;
        Status = status;
        Result = result;
        Changes = Changes.Add(new CommandChange(status, nowMs));
        if (!HasEnded)
            return true;
        Expiry?.Dispose();
        _ended.TrySetResult();
        return true;
    }
}

/// <summary>A status and since when it held, in Unix milliseconds.</summary>
internal readonly record struct CommandChange(CommandStatus Status, long AtMs);
