using IoTGateway.Journal;
using Microsoft.Data.Sqlite;

namespace IoTGateway.Backup;

/// <summary>A file of the snapshot: the first bytes of a file on disk, under its name in the archive.</summary>
internal readonly record struct SnapshotFile(string Name, string Path, long Bytes);

/// <summary>
/// The data folder at one moment, while the gateway goes on. README.md in this folder says why the order is as it is.
/// </summary>
internal sealed class FolderSnapshot : IAsyncDisposable
{
    private const string CursorName = "backup";
    private const string ControlFile = "control.db";
    private const int MostTries = 5;
    private const int ReadBytes = 1 << 20;

    private readonly string _folder;
    private readonly string _copies;
    private readonly TelemetryJournal _journal;
    private readonly JournalCursor _pin;
    private readonly List<SnapshotFile> _files = [];
    private bool _disposed;

    private FolderSnapshot(string folder, TelemetryJournal journal)
    {
        (_folder, _journal) = (folder, journal);
        _copies = Path.Combine(folder, FolderContents.CopiesFolder);
        try
        {
            // From here on no segment goes.
            _pin = journal.OpenCursor(CursorName);
        }
        catch (InvalidOperationException)
        {
            throw new BackupException("A backup is being made already: wait for its end, and try again.");
        }
    }

    public IReadOnlyList<SnapshotFile> Files => _files;

    /// <summary>Everything acknowledged before it is in the snapshot.</summary>
    public JournalOffset JournalEnd { get; private set; }

    /// <exception cref="BackupException">Another one is being made, or the disk has no room for the copies.</exception>
    public static async Task<FolderSnapshot> TakeAsync(
        string folder,
        TelemetryJournal journal,
        CancellationToken cancel
    )
    {
        var snapshot = new FolderSnapshot(folder, journal);
        try
        {
            await Task.Run(() => snapshot.Take(cancel), cancel);
            return snapshot;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
        {
            await snapshot.DisposeAsync();
            throw new BackupException(
                $"The copies in {snapshot._copies} cannot be made: {e.Message} Look at the disk, and try again."
            );
        }
        catch
        {
            await snapshot.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (_disposed)
            return ValueTask.CompletedTask;
        _disposed = true;
        _pin.Dispose();
        _journal.RemoveCursor(CursorName);
        FolderContents.Remove(_copies);
        return ValueTask.CompletedTask;
    }

    private void Take(CancellationToken cancel)
    {
        FolderContents.Remove(_copies);
        var databases = FolderContents.Databases(_folder);
        RequireRoom(databases);
        Security.PrivateFile.CreateFolder(_copies);
        foreach (var database in databases.Where(name => name != ControlFile))
            CopyDatabase(database, cancel);
        foreach (
            var name in FolderContents.PlainFiles(_folder).Where(name => name != FolderContents.CursorFile(CursorName))
        )
            CopyFile(name, cancel);
        TakeControl(cancel);
        foreach (var segment in _journal.SegmentsUpTo(JournalEnd))
            _files.Add(new SnapshotFile($"journal/{Path.GetFileName(segment.Path)}", segment.Path, segment.Bytes));
    }

    /// <summary>
    /// The control database is as new as the journal's end or newer, so that it has every catalog that a record names.
    /// No device may be removed between the two: whoever gets its name next would be taken for it.
    /// </summary>
    private void TakeControl(CancellationToken cancel)
    {
        using var tail = _journal.OpenTail();
        var batch = new JournalBatch();
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            JournalEnd = _journal.DurableEnd;
            CopyDatabase(ControlFile, cancel);
            if (!RemovedSince(JournalEnd, tail, batch, cancel))
                return;
        }
        throw new BackupException("Devices are being removed all the time: try the backup again when that is done.");
    }

    private bool RemovedSince(JournalOffset since, JournalTail tail, JournalBatch batch, CancellationToken cancel)
    {
        var removed = false;
        var until = _journal.DurableEnd;
        while (tail.Position < until)
        {
            cancel.ThrowIfCancellationRequested();
            tail.Read(batch, ReadBytes);
            foreach (ref readonly var record in batch.Records)
                removed |= !(record.Offset < since) && RecordFormat.IsForget(record.Epoch, record.Body.Span);
        }
        return removed;
    }

    /// <summary>SQLite's own copy of what is committed; who writes meanwhile is not held up.</summary>
    private void CopyDatabase(string name, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var copy = Path.Combine(_copies, name);
        File.Delete(copy);
        using (var source = Open(Path.Combine(_folder, name)))
        using (var target = Open(copy))
            source.BackupDatabase(target);
        _files.RemoveAll(file => file.Name == name);
        _files.Add(new SnapshotFile(name, copy, new FileInfo(copy).Length));
    }

    private static SqliteConnection Open(string path)
    {
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,
            DefaultTimeout = 30,
        };
        var connection = new SqliteConnection(settings.ToString());
        connection.Open();
        return connection;
    }

    /// <summary>Small, and may change under the reader's hands: they are copied.</summary>
    private void CopyFile(string name, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var copy = Path.Combine(_copies, name);
        Directory.CreateDirectory(Path.GetDirectoryName(copy)!); // it lies below the folder of copies
        File.Copy(Path.Combine(_folder, name), copy, overwrite: true);
        _files.Add(new SnapshotFile(name, copy, new FileInfo(copy).Length));
    }

    private void RequireRoom(IEnumerable<string> databases)
    {
        var needed = databases.Sum(name => new FileInfo(Path.Combine(_folder, name)).Length);
        var free = new DriveInfo(_folder).AvailableFreeSpace;
        if (needed > free)
            throw new BackupException(
                $"The databases are copied to {_copies} first, which takes {needed >> 20} MiB; {free >> 20} MiB are free. Make room, or lower History:Retention."
            );
    }
}
