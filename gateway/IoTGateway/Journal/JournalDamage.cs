namespace IoTGateway.Journal;

/// <summary>Bytes that hold no valid record. <see cref="Position"/> counts from the start of the file.</summary>
internal readonly record struct JournalDamage(string Path, long Position, long Bytes, string What);

/// <summary>Each damage once, whoever meets it, and however often.</summary>
internal sealed class DamageLog
{
    // A disk that rots beyond this needs no longer list; the count goes on.
    private const int MaxListed = 1024;

    private readonly Lock _lock = new();
    private readonly List<JournalDamage> _listed = [];
    private long _count;

    /// <summary>Called for each new damage; set once recovery has logged its own.</summary>
    public Action<JournalDamage>? Found { get; set; }

    public long Count => Interlocked.Read(ref _count);

    public IReadOnlyList<JournalDamage> Listed
    {
        get
        {
            lock (_lock)
                return [.. _listed];
        }
    }

    /// <summary>A search goes on in the next read, so damage that touches known damage is the same one.</summary>
    public void Report(JournalDamage damage)
    {
        lock (_lock)
        {
            for (var i = 0; i < _listed.Count; i++)
            {
                var known = _listed[i];
                if (known.Path != damage.Path || damage.Position < known.Position)
                    continue;
                if (damage.Position > known.Position + known.Bytes)
                    continue;
                var bytes = Math.Max(known.Bytes, damage.Position + damage.Bytes - known.Position);
                _listed[i] = known with { Bytes = bytes };
                return;
            }
            if (_listed.Count < MaxListed)
                _listed.Add(damage);
            Interlocked.Increment(ref _count);
        }
        Found?.Invoke(damage);
    }

    /// <summary>Takes back the last report when it turns out to be a torn tail.</summary>
    public bool TryTakeTail(string path, long fileEnd, out JournalDamage tail)
    {
        lock (_lock)
        {
            tail = _listed is [.., var last] ? last : default;
            if (tail.Path != path || tail.Position + tail.Bytes != fileEnd)
                return false;
            _listed.RemoveAt(_listed.Count - 1);
            Interlocked.Decrement(ref _count);
            return true;
        }
    }
}
