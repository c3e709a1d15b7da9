namespace IoTGateway.Journal;

/// <summary>
/// Everything that changes the disk. One implementation is the disk; the other, in the tests, forgets what was not
/// synced, fills up and fails, as disks do. Reading goes to the file system directly.
/// </summary>
internal interface IJournalStorage
{
    /// <summary>A new, empty file; what had this name is replaced.</summary>
    IJournalFile Create(string path);

    IJournalFile Open(string path);

    void Delete(string path);

    /// <summary>Makes the creation and deletion of files in this folder survive a power cut.</summary>
    void SyncFolder(string folder);
}

internal interface IJournalFile : IDisposable
{
    void Write(ReadOnlySpan<byte> bytes, long position);

    void SetLength(long length);

    /// <summary>Returns when all that was written is on the medium.</summary>
    void Sync();
}
