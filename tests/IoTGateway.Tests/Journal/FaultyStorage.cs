using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

/// <summary>
/// A disk that behaves as badly as disks may: it forgets what was not synced when the power fails, it fills up, its
/// syncs fail or hang. What is synced is in real files, where recovery and readers find it.
/// </summary>
internal sealed class FaultyStorage : IJournalStorage, IDisposable
{
    private readonly DiskStorage _disk = new();
    private readonly Lock _lock = new();
    private readonly List<FaultyFile> _files = [];
    private readonly List<string> _createdUnsynced = [];
    private readonly Dictionary<string, byte[]> _deletedUnsynced = new(StringComparer.Ordinal);
    private volatile TaskCompletionSource _syncEntered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _mayFinishSync = new(initialState: true);
    private bool _powerFailed;
    private int _syncs;

    /// <summary>Called before each write to a file; throw to fail it.</summary>
    public Action<string, long>? OnWrite { get; set; }

    /// <summary>Called before each sync of a file; throw to fail it: what was written is then lost.</summary>
    public Action<string>? OnSync { get; set; }

    public int Syncs => Volatile.Read(ref _syncs);

    public Task SyncEnteredAsync() => _syncEntered.Task;

    public void HoldSyncs()
    {
        _syncEntered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _mayFinishSync.Reset();
    }

    public void LetSyncsFinish() => _mayFinishSync.Set();

    /// <param name="survives">Which sectors (512 bytes, counted per unsynced write) reached the medium all the same.</param>
    public void CutPower(Func<int, bool>? survives = null)
    {
        lock (_lock)
        {
            _powerFailed = true;
            foreach (var file in _files)
                file.Lose(survives ?? (_ => false));
            if (survives is null)
                foreach (var path in _createdUnsynced)
                    File.Delete(path);
        }
        LetSyncsFinish();
    }

    /// <summary>
    /// As a real one does it: of what was not synced any part may have reached the medium, up to any byte; a new file's
    /// name may be missing, and a deleted one's be back.
    /// </summary>
    public void CutPower(Random random)
    {
        lock (_lock)
        {
            _powerFailed = true;
            foreach (var file in _files)
                file.Lose(random);
            foreach (var path in _createdUnsynced.Where(_ => random.Next(2) == 0))
                File.Delete(path);
            foreach (var (path, bytes) in _deletedUnsynced.Where(_ => random.Next(2) == 0))
                File.WriteAllBytes(path, bytes);
        }
        LetSyncsFinish();
    }

    // Each is one step for the power: what is asked before a cut and done after it would be promised and not there.
    public IJournalFile Create(string path)
    {
        lock (_lock)
        {
            RequirePower();
            _createdUnsynced.Add(path);
            return Track(_disk.Create(path), path);
        }
    }

    public IJournalFile Open(string path)
    {
        lock (_lock)
        {
            RequirePower();
            return Track(_disk.Open(path), path);
        }
    }

    public void Delete(string path)
    {
        lock (_lock)
        {
            RequirePower();
            _deletedUnsynced[path] = File.ReadAllBytes(path);
            _disk.Delete(path);
        }
    }

    public void SyncFolder(string folder)
    {
        lock (_lock)
        {
            RequirePower();
            _createdUnsynced.RemoveAll(path => Path.GetDirectoryName(path) == folder);
            foreach (var path in _deletedUnsynced.Keys.Where(path => Path.GetDirectoryName(path) == folder).ToList())
                _deletedUnsynced.Remove(path);
        }
    }

    public void Dispose() => _mayFinishSync.Dispose();

    private FaultyFile Track(IJournalFile file, string path)
    {
        var faulty = new FaultyFile(this, file, path);
        _files.Add(faulty);
        return faulty;
    }

    private void RequirePower()
    {
        if (_powerFailed)
            throw new IOException("the power is off");
    }

    private sealed class FaultyFile(FaultyStorage owner, IJournalFile file, string path) : IJournalFile
    {
        private const int SectorBytes = 512;
        private readonly List<(long Position, byte[] Bytes)> _unsynced = [];

        public void Write(ReadOnlySpan<byte> bytes, long position)
        {
            owner.OnWrite?.Invoke(path, bytes.Length);
            lock (owner._lock)
            {
                owner.RequirePower();
                _unsynced.Add((position, bytes.ToArray()));
            }
        }

        public void SetLength(long length)
        {
            lock (owner._lock)
            {
                owner.RequirePower();
                file.SetLength(length);
            }
        }

        public void Sync()
        {
            owner._syncEntered.TrySetResult();
            owner._mayFinishSync.Wait();
            lock (owner._lock)
            {
                owner.RequirePower();
                var written = _unsynced.ToArray();
                _unsynced.Clear(); // as a kernel does: after a failed sync the pages are clean, and gone
                owner.OnSync?.Invoke(path);
                foreach (var (position, bytes) in written)
                    file.Write(bytes, position);
                owner._syncs++;
            }
        }

        public void Lose(Func<int, bool> survives)
        {
            foreach (var (position, bytes) in _unsynced)
                for (var at = 0; at < bytes.Length; at += SectorBytes)
                    if (survives(at / SectorBytes))
                        file.Write(bytes.AsSpan(at, Math.Min(SectorBytes, bytes.Length - at)), position + at);
            _unsynced.Clear();
        }

        public void Lose(Random random)
        {
            foreach (var (position, bytes) in _unsynced)
            {
                // Nothing, a part up to any byte, or any of its sectors.
                var kind = random.Next(3);
                if (kind == 1)
                    file.Write(bytes.AsSpan(0, random.Next(bytes.Length + 1)), position);
                for (var at = 0; kind == 2 && at < bytes.Length; at += SectorBytes)
                    if (random.Next(2) == 0)
                        file.Write(bytes.AsSpan(at, Math.Min(SectorBytes, bytes.Length - at)), position + at);
            }
            _unsynced.Clear();
        }

        public void Dispose() => file.Dispose();
    }
}
