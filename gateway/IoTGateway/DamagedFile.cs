using Microsoft.Data.Sqlite;

namespace IoTGateway;

/// <summary>A SQLite file that cannot be used any more. It is evidence: it is put aside, never deleted.</summary>
internal static class DamagedFile
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    /// <summary>Whether an error says that the file's content is at fault.</summary>
    public static bool Is(SqliteException failure) => failure.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>Whether an error says that somebody else holds the file.</summary>
    public static bool IsHeldByAnother(SqliteException failure) => failure.SqliteErrorCode is Busy or Locked;

    /// <summary>Whether a file is there but empty, which SQLite would take for a new database without a word.</summary>
    public static bool IsEmpty(string path) => new FileInfo(path) is { Exists: true, Length: 0 };

    /// <summary>Renames a file and its write-ahead log, so that a new one can begin under its name.</summary>
    /// <returns>The new path: <c>history.damaged-20260501T120000Z.db</c>.</returns>
    public static string PutAside(string path, TimeProvider time)
    {
        var stem = Path.Combine(
            Path.GetDirectoryName(path) ?? "",
            $"{Path.GetFileNameWithoutExtension(path)}.damaged-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}"
        );
        var extension = Path.GetExtension(path);
        var aside = stem + extension;
        for (var again = 2; File.Exists(aside); again++)
            aside = $"{stem}-{again}{extension}";
        if (File.Exists(path))
            File.Move(path, aside);
        // Its log belongs to it; left behind it would be played into the new file.
        if (File.Exists(path + "-wal"))
            File.Move(path + "-wal", aside + "-wal");
        File.Delete(path + "-shm");
        return aside;
    }
}
