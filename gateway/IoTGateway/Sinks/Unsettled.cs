using IoTGateway.Journal;

namespace IoTGateway.Sinks;

/// <summary>
/// Batches that a database has accepted and might yet lose, should it crash: the cursor stays before them until they
/// are old enough. They are kept in a few groups, however many they are.
/// </summary>
internal sealed class Unsettled(TimeSpan settlesAfter, TimeProvider clock)
{
    private const int Groups = 16;

    private readonly Queue<Group> _closed = new();
    private Group? _open;

    /// <summary>Until the oldest group settles; null where there is none.</summary>
    public TimeSpan? Left => Oldest is { } oldest ? settlesAfter - clock.GetElapsedTime(oldest.LastAt) : null;

    private Group? Oldest => _closed.TryPeek(out var closed) ? closed : _open;

    /// <summary>Notes a batch.</summary>
    public void Accepted(JournalOffset end)
    {
        var now = clock.GetTimestamp();
        if (_open is { } open && clock.GetElapsedTime(open.FirstAt, now) < settlesAfter / Groups)
        {
            _open = open with { LastAt = now, End = end };
            return;
        }
        if (_open is { } full)
            _closed.Enqueue(full);
        _open = new Group(now, now, end);
    }

    /// <summary>Up to where everything is settled since the last time; null where nothing new is.</summary>
    public JournalOffset? TakeSettled()
    {
        JournalOffset? settled = null;
        while (Left is { } left && left <= TimeSpan.Zero)
        {
            settled = Oldest?.End;
            if (!_closed.TryDequeue(out _))
                _open = null;
        }
        return settled;
    }

    public void Clear()
    {
        _closed.Clear();
        _open = null;
    }

    private readonly record struct Group(long FirstAt, long LastAt, JournalOffset End);
}
