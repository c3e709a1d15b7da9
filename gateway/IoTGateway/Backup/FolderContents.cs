namespace IoTGateway.Backup;

/// <summary>Which files of a data folder make up a gateway, and which only belong to a run of it.</summary>
internal static class FolderContents
{
    /// <summary>Copies that a backup is made of; gone when it is done.</summary>
    public const string CopiesFolder = "backup.tmp";

    /// <summary>What a restore put down, by the time it did; the next start takes it.</summary>
    public const string StagedPrefix = "restore-";

    /// <summary>What was there before a restore.</summary>
    public const string AsidePrefix = "before-restore-";

    private const string DatabaseExtension = ".db";
    private static readonly string[] OfARun = ["gateway.json"];
    private static readonly string[] OfARunExtensions =
    [
        ".lock",
        ".db-wal",
        ".db-shm",
        ".db-journal",
        ".seg",
        ".tmp",
        ".tar",
        ".partial",
    ];

    /// <summary>SQLite files, which are copied by SQLite.</summary>
    public static IReadOnlyList<string> Databases(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*" + DatabaseExtension)
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>All other files that last, with <c>/</c>: the CA and its key, cursors, and whatever else a room keeps.</summary>
    public static IReadOnlyList<string> PlainFiles(string folder) =>
        [
            .. Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/'))
                .Where(IsPlain)
                .Order(StringComparer.Ordinal),
        ];

    public static string CursorFile(string cursor) => $"journal/cursors/{cursor}";

    /// <summary>Whether an entry of the data folder is left alone when a restore puts the rest aside.</summary>
    public static bool IsOfRestore(string name) =>
        name.StartsWith(StagedPrefix, StringComparison.Ordinal)
        || name.StartsWith(AsidePrefix, StringComparison.Ordinal);

    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static bool IsPlain(string name)
    {
        var top = name.Split('/')[0];
        return top != CopiesFolder
            && !IsOfRestore(top)
            && !OfARun.Contains(name)
            && !OfARunExtensions.Contains(Path.GetExtension(name))
            && (Path.GetExtension(name) != DatabaseExtension || name.Contains('/'));
    }
}
