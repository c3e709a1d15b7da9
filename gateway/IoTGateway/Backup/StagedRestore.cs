namespace IoTGateway.Backup;

/// <summary>
/// A backup put down beside the data it shall replace. The swap is a row of renames that a crash may interrupt
/// anywhere: the next start goes on with it.
/// </summary>
internal static class StagedRestore
{
    private const string WholeMark = ".whole";
    private const string TakenMark = ".taken";

    /// <summary>Checks a backup and puts it down.</summary>
    /// <exception cref="BackupException">It cannot be restored; nothing has changed.</exception>
    public static async Task<BackupManifest> PutDownAsync(
        string backup,
        string dataFolder,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        Security.PrivateFile.CreateFolder(dataFolder);
        foreach (var older in Folders(dataFolder))
            FolderContents.Remove(older);
        var staged = Path.Combine(dataFolder, $"{FolderContents.StagedPrefix}{now:yyyyMMdd'T'HHmmss'Z'}");
        try
        {
            Security.PrivateFile.CreateFolder(staged);
            var manifest = await BackupArchive.ReadAsync(backup, staged, cancel);
            Directory.Move(staged, staged + WholeMark);
            return manifest;
        }
        catch
        {
            FolderContents.Remove(staged);
            throw;
        }
    }

    /// <summary>Whether a gateway has the folder's journal open.</summary>
    public static bool IsInUse(string dataFolder)
    {
        var path = Path.Combine(dataFolder, "journal", Journal.FolderLock.FileName);
        if (!File.Exists(path))
            return false;
        try
        {
            using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Takes what was put down, before anything in the folder is opened.</summary>
    /// <returns>Where the data is that it has replaced; null where there was nothing to do.</returns>
    public static string? Take(string dataFolder)
    {
        if (!Directory.Exists(dataFolder))
            return null;
        string? aside = null;
        foreach (var folder in Folders(dataFolder))
        {
            if (folder.EndsWith(WholeMark, StringComparison.Ordinal))
                aside = Swap(dataFolder, folder);
            else if (folder.EndsWith(TakenMark, StringComparison.Ordinal))
                aside = Finish(dataFolder, folder, AsideOf(dataFolder, folder));
            else
                FolderContents.Remove(folder);
        }
        return aside;
    }

    private static string Swap(string dataFolder, string whole)
    {
        var aside = AsideOf(dataFolder, whole);
        Security.PrivateFile.CreateFolder(aside);
        foreach (var entry in Directory.EnumerateFileSystemEntries(dataFolder).ToArray())
        {
            if (!FolderContents.IsOfRestore(Path.GetFileName(entry)))
                Directory.Move(entry, Path.Combine(aside, Path.GetFileName(entry)));
        }
        var taken = whole[..^WholeMark.Length] + TakenMark;
        Directory.Move(whole, taken);
        return Finish(dataFolder, taken, aside);
    }

    private static string Finish(string dataFolder, string taken, string aside)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(taken).ToArray())
            Directory.Move(entry, Path.Combine(dataFolder, Path.GetFileName(entry)));
        Directory.Delete(taken);
        return aside;
    }

    private static string AsideOf(string dataFolder, string staged)
    {
        var name = Path.GetFileName(staged);
        var time = name[FolderContents.StagedPrefix.Length..name.IndexOf('.', StringComparison.Ordinal)];
        return Path.Combine(dataFolder, FolderContents.AsidePrefix + time);
    }

    private static string[] Folders(string dataFolder) =>
        Directory.GetDirectories(dataFolder, FolderContents.StagedPrefix + "*");
}
