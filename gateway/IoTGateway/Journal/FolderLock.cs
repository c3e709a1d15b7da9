namespace IoTGateway.Journal;

/// <summary>One process, one journal: two writers would overwrite each other's records.</summary>
internal static class FolderLock
{
    public const string FileName = "journal.lock";

    /// <summary>The operating system releases the lock when the process ends, however it ends.</summary>
    public static FileStream Acquire(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new IOException(
                $"The journal '{folder}' is in use by another process (its lock file is '{path}'): {failure.Message} "
                    + "Stop the other gateway, or give this one a data folder of its own.",
                failure
            );
        }
    }
}
