using System.Collections.Immutable;

namespace IoTGateway.Commands;

/// <summary>A command as it stood at one moment.</summary>
/// <param name="Id">Names it for ever, on the wire as well.</param>
/// <param name="Device">Who shall run it.</param>
/// <param name="Name">What to do.</param>
/// <param name="Arguments">A JSON object; empty for none.</param>
/// <param name="TimeToLive">How long it may be run, from its first change.</param>
/// <param name="ExpiresMs">The end of that by the wall clock of its first change, Unix milliseconds.</param>
/// <param name="IdempotencyKey">Names the wish behind it; null for none.</param>
/// <param name="Changes">Every status it had, oldest first; at least one.</param>
/// <param name="Result">The device's answer as JSON, or why there is none; empty before its end.</param>
internal sealed record DeviceCommand(
    Guid Id,
    string Device,
    string Name,
    string Arguments,
    TimeSpan TimeToLive,
    long ExpiresMs,
    string? IdempotencyKey,
    ImmutableArray<CommandChange> Changes,
    string Result = ""
)
{
    public CommandStatus Status => Changes[^1].Status;

    public bool HasEnded => Status >= CommandStatus.Succeeded;

    public long CreatedMs => Changes[0].AtMs;

    /// <summary>When it first went out; null while it never did.</summary>
    public long? SentMs
    {
        get
        {
            foreach (var change in Changes)
            {
                if (change.Status == CommandStatus.Sent)
                    return change.AtMs;
            }
            return null;
        }
    }

    /// <summary>The same command, a status further.</summary>
    public DeviceCommand Moved(CommandStatus status, long atMs, string by, string result = "") =>
        this with
        {
            Changes = Changes.Add(new CommandChange(status, atMs, by)),
            Result = result,
        };
}

/// <summary>A status, since when it held in Unix milliseconds, and by whom.</summary>
/// <param name="Status">The status.</param>
/// <param name="AtMs">Since when.</param>
/// <param name="By">Who asked, such as <c>api:admin</c> or <c>mqtt</c>; or <c>gateway</c> or <c>device</c>.</param>
internal readonly record struct CommandChange(CommandStatus Status, long AtMs, string By)
{
    /// <summary>What the gateway does by itself.</summary>
    public const string Gateway = "gateway";

    /// <summary>What the device answered.</summary>
    public const string Device = "device";
}
