using System.Diagnostics;
using IoTGateway.Commands;
using IoTGateway.Journal;

namespace IoTGateway.Observability;

/// <summary>
/// The spans: a message from a device to each database, a command from the wish to its outcome. While nobody listens,
/// a message costs one look at a flag.
/// </summary>
internal static class Tracing
{
    public const string MessagesSource = "iotgw.messages";
    public const string CommandsSource = "iotgw.commands";
    public const string CommandSpan = "command ";

    private static readonly ActivitySource Messages = new(MessagesSource);
    private static readonly ActivitySource Commands = new(CommandsSource);
    private static readonly TracedMessages Underway = new();

    /// <summary>Begins the trace of a message that goes into the journal; null where it is not traced.</summary>
    public static MessageTrace? Begin(in JournalEntry entry, int bytes) =>
        Messages.HasListeners() ? Start(entry, bytes) : null;

    /// <summary>A sink has stored a batch: a span for each traced message in it.</summary>
    public static void Stored(string sink, JournalBatch batch, DateTimeOffset started, DateTimeOffset ended)
    {
        if (!Messages.HasListeners() || Underway.IsEmpty)
            return;
        foreach (ref readonly var record in batch.Records)
        {
            if (record.Sequence == 0 || Underway.Find(record.Device, record.Epoch, record.Sequence) is not { } parent)
                continue;
            using var stored = Messages.StartActivity($"store {sink}", ActivityKind.Client, parent, startTime: started);
            stored?.SetTag("iotgw.sink", sink)?.SetTag("iotgw.batch.messages", batch.Count);
            stored?.SetEndTime(ended.UtcDateTime);
        }
    }

    /// <summary>A command has ended: the whole of its way, from the times it was given.</summary>
    public static void Ended(DeviceCommand command)
    {
        if (!Commands.HasListeners())
            return;
        var changes = command.Changes;
        var whole = Start(Commands, CommandSpan + command.Name, ActivityKind.Producer, changes[0].AtMs);
        if (whole is null)
            return;
        whole.SetTag("iotgw.device", command.Device).SetTag("iotgw.command.id", command.Id.ToString());
        whole.SetTag("iotgw.command.status", Words.Of(command.Status));
        if (command.Status != CommandStatus.Succeeded)
            whole.SetStatus(ActivityStatusCode.Error, Words.Of(command.Status));
        // What it waited for: its device, and then the device's answer.
        for (var i = 0; i + 1 < changes.Length; i++)
        {
            using var step = Commands.StartActivity(
                Words.Of(changes[i].Status),
                ActivityKind.Internal,
                whole.Context,
                startTime: DateTimeOffset.FromUnixTimeMilliseconds(changes[i].AtMs)
            );
            step?.SetEndTime(DateTimeOffset.FromUnixTimeMilliseconds(changes[i + 1].AtMs).UtcDateTime);
        }
        whole.SetEndTime(DateTimeOffset.FromUnixTimeMilliseconds(changes[^1].AtMs).UtcDateTime);
        whole.Dispose();
    }

    private static MessageTrace? Start(in JournalEntry entry, int bytes)
    {
        var message = Start(Messages, "telemetry", ActivityKind.Consumer, startMs: null);
        if (message is null)
            return null;
        message.SetTag("iotgw.device", entry.Device).SetTag("iotgw.epoch", entry.Epoch);
        message.SetTag("iotgw.sequence", entry.Sequence).SetTag("iotgw.bytes", bytes);
        Underway.Add(entry.Device, entry.Epoch, entry.Sequence, message.Context);
        var journal = Messages.StartActivity("journal", ActivityKind.Internal, message.Context);
        // Both end on the journal's own loop: whoever reads this link must not find itself inside of them.
        Activity.Current = null;
        return new MessageTrace(message, journal);
    }

    /// <summary>Starts a trace of its own, whatever runs here: a link lasts for days and is one request to the platform.</summary>
    private static Activity? Start(ActivitySource source, string name, ActivityKind kind, long? startMs)
    {
        Activity.Current = null;
        var started = source.StartActivity(
            name,
            kind,
            parentContext: default,
            startTime: startMs is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : default
        );
        if (started is null or { IsAllDataRequested: true })
            return started;
        started.Dispose();
        return null;
    }
}

/// <summary>A message on its way to the journal's disk.</summary>
internal sealed class MessageTrace(Activity message, Activity? journal)
{
    /// <summary>It is on disk, and its ACK goes out.</summary>
    public void Durable()
    {
        journal?.Dispose();
        message.Dispose();
    }
}
