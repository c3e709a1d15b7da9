using IoTGateway.Devices;
using IoTGateway.Links;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Commands;

/// <summary>
/// The one entry for commands, whoever asks. Brings them to devices: at once on a live link, else when the device comes
/// within the command's time to live, and again after a reconnect while no result is known: the device runs an id once.
/// </summary>
/// <remarks>
/// <c>CommandDispatcher.Loop.cs</c> decides, one round after the other. What came in meanwhile shares a round, and a
/// round is one transaction: a change is on disk before anybody, caller or device, hears of it.
/// </remarks>
internal sealed partial class CommandDispatcher : BackgroundService
{
    private static readonly (CrashPoint, CrashPoint) Delivering = (
        CrashPoint.DeliverBeforeCommit,
        CrashPoint.DeliverAfterCommit
    );

    private readonly ControlDatabase _database;
    private readonly CommandBook _book;
    private readonly CommandOptions _options;
    private readonly CrashPoints _crash;
    private readonly TimeProvider _time;
    private readonly CommandCounters _counters;
    private readonly ILogger<CommandDispatcher> _logger;

    public CommandDispatcher(
        ControlDatabase database,
        LinkTable links,
        LimitsOptions limits,
        CommandOptions options,
        CrashPoints crash,
        TimeProvider time,
        GatewayMetrics metrics,
        ILogger<CommandDispatcher> logger
    )
    {
        _database = database;
        _options = options;
        _crash = crash;
        _time = time;
        _logger = logger;
        _counters = new CommandCounters(metrics);
        _book = new CommandBook(links, limits, options, time, Changes, _counters);
    }

    /// <summary>Changes of all commands, as they are on disk.</summary>
    public CommandFeed Changes { get; } = new();

    /// <summary>Takes a command in and sends it where the device is there. On disk when this returns one.</summary>
    public async Task<Submission> SubmitAsync(CommandOrder order, CancellationToken cancellationToken)
    {
        var submission = order.Error is { } error
            ? Submission.Refused(SubmissionOutcome.Invalid, error)
            : await AskAsync(
                round => _book.Submit(round, order),
                Submission.Unavailable,
                (CrashPoint.CommandBeforeCommit, CrashPoint.CommandAfterCommit),
                cancellationToken
            );
        _counters.CountSubmitted(submission.Outcome);
        return submission;
    }

    /// <summary>Sends a device that has just come all that waits for it.</summary>
    public async ValueTask DeliverAsync(DeviceSession link, CancellationToken cancellationToken) =>
        await PostAsync(round => _book.Deliver(round, link), link, Delivering, cancellationToken);

    /// <summary>
    /// Likewise, and what is sent has been sent when this completes. Costs nothing where nothing waits.
    /// </summary>
    public Task DeliverNowAsync(DeviceSession link, CancellationToken cancellationToken)
    {
        // In this order: a command that comes in between either sees the link, or is seen here.
        link.HasCommands = true;
        Interlocked.MemoryBarrier();
        if (_isLoaded && !_book.HasWaiting(link.Device))
            return Task.CompletedTask;
        return AskAsync(
            round =>
            {
                _book.Deliver(round, link);
                return true;
            },
            false,
            Delivering,
            cancellationToken
        );
    }

    /// <summary>
    /// Takes a device's result; one for an unknown or ended command changes nothing, and is counted. The answer to a request
    /// says that the result is on disk, so it is when this completes; a stream reads on meanwhile.
    /// </summary>
    public async ValueTask CompleteAsync(DeviceSession link, CommandResult result, CancellationToken cancellationToken)
    {
        var points = (CrashPoint.ResultBeforeCommit, CrashPoint.ResultAfterCommit);
        if (link.IsStream)
            await PostAsync(round => Complete(round, link.Device, result), link, points, cancellationToken);
        else if (!await AskAsync(round => Complete(round, link.Device, result), false, points, cancellationToken))
            link.Close(LinkEnd.Error);
    }

    /// <summary>Takes a command back while it is queued.</summary>
    public Task<Cancellation> CancelAsync(string device, Guid id, string by, CancellationToken cancellationToken) =>
        AskAsync(
            round => _book.Cancel(round, device, id, by),
            Cancellation.Unavailable,
            (CrashPoint.CancelBeforeCommit, CrashPoint.CancelAfterCommit),
            cancellationToken
        );

    /// <summary>For a device that was removed: one that gets its name later must not run what was meant for it.</summary>
    public Task ForgetAsync(string device, CancellationToken cancellationToken) =>
        AskAsync(
            round =>
            {
                _book.Forget(round, device);
                return true;
            },
            false,
            default,
            cancellationToken
        );

    /// <summary>A device's commands, oldest first.</summary>
    public IReadOnlyList<DeviceCommand> Of(string device)
    {
        using var connection = _database.Open(durable: false);
        return CommandStore.Of(connection, device);
    }

    public DeviceCommand? Find(string device, Guid id)
    {
        using var connection = _database.Open(durable: false);
        return CommandStore.Find(connection, device, id);
    }

    /// <summary>Waits for a command's end, or for its next change.</summary>
    /// <param name="command">As the caller knows it.</param>
    /// <param name="wait">How long at most.</param>
    /// <param name="nextChange">False: only its end counts.</param>
    /// <param name="cancellationToken">Nobody waits any more.</param>
    /// <returns>The command as it stands then.</returns>
    public async Task<DeviceCommand> WaitAsync(
        DeviceCommand command,
        TimeSpan wait,
        bool nextChange,
        CancellationToken cancellationToken
    )
    {
        if (command.HasEnded)
            return command;
        using var changes = Changes.Subscribe(command.Id);
        var newest = Find(command.Device, command.Id) ?? command;
        if (IsAwaited(newest))
            return newest;
        using var deadline = new CancellationTokenSource(wait, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await foreach (var change in changes.ReadAllAsync(both.Token))
            {
                newest = change;
                if (IsAwaited(newest))
                    break;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is over; it stands where it stands.
        }
        return newest;

        bool IsAwaited(DeviceCommand now) =>
            now.HasEnded || (nextChange && now.Changes.Length > command.Changes.Length);
    }

    private bool Complete(CommandRound round, string device, CommandResult result)
    {
        if (!_book.Complete(round, device, result))
            _counters.CountStray();
        return true;
    }
}
