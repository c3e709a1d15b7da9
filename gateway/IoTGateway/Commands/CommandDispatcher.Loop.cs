using System.Data.Common;
using System.Threading.Channels;
using IoTGateway.Links;

namespace IoTGateway.Commands;

/// <summary>The loop: one round after the other, each one transaction.</summary>
internal sealed partial class CommandDispatcher
{
    /// <summary>Beyond it, whoever asks waits: a caller in its call, a device in its link.</summary>
    private const int MostWaiting = 4_096;

    /// <summary>A round that is larger makes those in it wait longer than the fsync they share is worth.</summary>
    private const int MostInRound = 512;

    private static readonly TimeSpan BetweenCleanings = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenLoads = TimeSpan.FromSeconds(1);

    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true }
    );
    private readonly List<Request> _round = [];
    private volatile bool _isLoaded;
    private long? _cleaned;

    /// <summary>Runs until the gateway stops.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using var alarm = _time.CreateTimer(
            _ => _requests.Writer.TryWrite(Request.Nothing),
            null,
            TimeSpan.Zero,
            BetweenCleanings
        );
        try
        {
            while (await _requests.Reader.WaitToReadAsync(stoppingToken))
            {
                while (_round.Count < MostInRound && _requests.Reader.TryRead(out var request))
                    _round.Add(request);
                RunRound();
                _round.Clear();
                SetAlarm(alarm);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Told below to all who still wait.
        }
        finally
        {
            _requests.Writer.TryComplete();
            while (_requests.Reader.TryRead(out var late))
                late.Fail();
            Changes.Complete();
        }
    }

    private void RunRound()
    {
        try
        {
            using var connection = _database.Open();
            if (!_isLoaded)
                _book.Load(connection);
            _isLoaded = true;
            using var transaction = connection.BeginTransaction();
            var round = new CommandRound(connection);
            if (_book.Expire(round))
                _round.Add(Request.Expiry);
            foreach (var request in _round)
                request.Decide(round);
            Clean(connection);
            _crash.Pass(_round, request => request.BeforeCommit);
            transaction.Commit();
            _crash.Pass(_round, request => request.AfterCommit);
            round.Committed();
            _crash.Pass(_round, request => request.AfterEffects);
        }
        catch (Exception e)
        {
            // The database's, or a mistake of ours: it takes this round along and not the gateway. What was not committed
            // did not happen; results that were lost with it come again, since their commands are sent again.
            LogFailed(e, _round.Count);
            _isLoaded = false;
            foreach (var request in _round)
                request.Fail();
        }
    }

    private void Clean(DbConnection connection)
    {
        if (_cleaned is { } before && _time.GetElapsedTime(before) < BetweenCleanings)
            return;
        CommandStore.DeleteBefore(connection, (_time.GetUtcNow() - _options.Keep).ToUnixTimeMilliseconds());
        _cleaned = _time.GetTimestamp();
    }

    private void SetAlarm(ITimer alarm)
    {
        var until =
            !_isLoaded ? BetweenLoads
            : _book.NextDeadline is { } next ? _time.GetElapsedTime(_time.GetTimestamp(), next)
            : BetweenCleanings;
        // A timer may ring a moment early: one round too many, not one expiry too late.
        alarm.Change(until > TimeSpan.Zero ? until : TimeSpan.Zero, BetweenCleanings);
    }

    private async ValueTask PostAsync(
        Action<CommandRound> decide,
        DeviceSession link,
        (CrashPoint Before, CrashPoint After) points,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // What could not be kept is asked again on the device's next link.
            var request = new Request(decide, () => link.Close(LinkEnd.Error), points.Before, points.After);
            await _requests.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // The gateway stops. What was not taken in comes again: the command is sent again.
        }
    }

    private async Task<T> AskAsync<T>(
        Func<CommandRound, T> decide,
        T unavailable,
        (CrashPoint Before, CrashPoint After) points,
        CancellationToken cancellationToken
    )
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = new Request(Decide, () => answer.TrySetResult(unavailable), points.Before, points.After);
        try
        {
            await _requests.Writer.WriteAsync(request, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            return unavailable;
        }
        return await answer.Task;

        void Decide(CommandRound round)
        {
            var decided = decide(round);
            round.AfterCommit(() => answer.TrySetResult(decided));
        }
    }

    [LoggerMessage(
        5000,
        LogLevel.Error,
        "control.db took {Requests} changes of commands not: who asked is told, devices answer again. Look at the disk"
    )]
    private partial void LogFailed(Exception exception, int requests);

    /// <summary>Something to decide, and what to do where it cannot be kept.</summary>
    private sealed record Request(
        Action<CommandRound> Decide,
        Action Fail,
        CrashPoint BeforeCommit,
        CrashPoint AfterCommit
    )
    {
        public CrashPoint AfterEffects =>
            AfterCommit switch
            {
                CrashPoint.CommandAfterCommit => CrashPoint.CommandAfterSend,
                CrashPoint.DeliverAfterCommit => CrashPoint.DeliverAfterSend,
                _ => CrashPoint.None,
            };

        public static Request Nothing { get; } =
            new(static _ => { }, static () => { }, CrashPoint.None, CrashPoint.None);

        /// <summary>Stands for what the round itself has decided.</summary>
        public static Request Expiry { get; } =
            Nothing with
            {
                BeforeCommit = CrashPoint.ExpireBeforeCommit,
                AfterCommit = CrashPoint.ExpireAfterCommit,
            };
    }
}
