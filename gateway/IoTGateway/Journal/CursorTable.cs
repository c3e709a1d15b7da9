using System.Buffers;

namespace IoTGateway.Journal;

/// <summary>All registered cursors. A cursor counts from its first opening until it is removed, across restarts.</summary>
internal sealed class CursorTable(string folder, IJournalStorage storage)
{
    private const int MaxNameLength = 63;
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyz0123456789-_"
    );

    private readonly Lock _lock = new();
    private readonly Dictionary<string, CursorState> _cursors = new(StringComparer.Ordinal);

    /// <summary>Everything before it has been read by all; the highest value if there are no cursors.</summary>
    public long Floor
    {
        get
        {
            lock (_lock)
            {
                var floor = long.MaxValue;
                foreach (var cursor in _cursors.Values)
                    floor = Math.Min(floor, cursor.Position);
                return floor;
            }
        }
    }

    public string? Slowest
    {
        get
        {
            lock (_lock)
                return _cursors.Values.MinBy(cursor => cursor.Position)?.Name;
        }
    }

    /// <summary>The furthest stored position: a new segment never starts before it.</summary>
    public long Furthest
    {
        get
        {
            lock (_lock)
                return _cursors.Values.Select(cursor => cursor.Position).DefaultIfEmpty(0).Max();
        }
    }

    public IReadOnlyList<CursorState> All
    {
        get
        {
            lock (_lock)
                return [.. _cursors.Values];
        }
    }

    /// <summary>Registers what the folder holds. A file without one good slot starts at the oldest record again.</summary>
    public void Load(long oldest, Action<JournalDamage> damaged)
    {
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            var name = Path.GetFileName(path);
            if (!IsName(name))
                continue;
            var file = new CursorFile(path, storage);
            var stored = file.Load(damaged);
            if (stored is null)
                file.Create(oldest, 0);
            var (position, received) = stored ?? (oldest, 0);
            _cursors.Add(name, new CursorState(name, file, position, received));
        }
    }

    public CursorState Open(string name, long startIfNew)
    {
        if (!IsName(name))
            throw new ArgumentException(
                $"'{name}' is no cursor name: 1 to {MaxNameLength} of a-z 0-9 - _ are.",
                nameof(name)
            );
        lock (_lock)
        {
            if (!_cursors.TryGetValue(name, out var state))
            {
                var file = new CursorFile(Path.Combine(folder, name), storage);
                file.Create(startIfNew, 0);
                _cursors.Add(name, state = new CursorState(name, file, startIfNew, 0));
            }
            if (state.IsOpen)
                throw new InvalidOperationException($"The cursor '{name}' is open already; a cursor has one reader.");
            state.IsOpen = true;
            return state;
        }
    }

    public void Close(CursorState state)
    {
        lock (_lock)
            state.IsOpen = false;
    }

    public bool Remove(string name)
    {
        lock (_lock)
        {
            if (!_cursors.TryGetValue(name, out var state))
                return false;
            if (state.IsOpen)
                throw new InvalidOperationException($"The cursor '{name}' is open; dispose it before removing it.");
            state.Remove();
            return _cursors.Remove(name);
        }
    }

    public void CloseAll()
    {
        foreach (var cursor in All)
            cursor.Close();
    }

    private static bool IsName(string name) =>
        name.Length is >= 1 and <= MaxNameLength && !name.AsSpan().ContainsAnyExcept(NameCharacters);
}
