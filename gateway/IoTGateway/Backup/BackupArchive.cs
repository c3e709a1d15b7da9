using System.Formats.Tar;
using System.Security.Cryptography;

namespace IoTGateway.Backup;

/// <summary>A backup as a tar: the files, each with its hash in the manifest, which comes last.</summary>
internal static class BackupArchive
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static async Task WriteAsync(
        FolderSnapshot snapshot,
        Stream target,
        DateTimeOffset now,
        CancellationToken cancel
    )
    {
        await using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        var written = new List<BackupEntry>();
        foreach (var file in snapshot.Files)
        {
            var source = new FileStream(
                file.Path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            await using var part = new PartStream(source, file.Bytes);
            await tar.WriteEntryAsync(Entry(file.Name, part, now), cancel);
            written.Add(new BackupEntry(file.Name, file.Bytes, part.Sha256()));
        }
        var manifest = new BackupManifest(
            BackupManifest.CurrentFormat,
            BackupManifest.GatewayVersion,
            now,
            snapshot.JournalEnd.Value,
            written
        );
        using var bytes = new MemoryStream(manifest.ToBytes());
        await tar.WriteEntryAsync(Entry(BackupManifest.EntryName, bytes, now), cancel);
    }

    /// <summary>Reads a backup through, and puts its files into a folder where one is given.</summary>
    /// <exception cref="BackupException">It is no backup, is not whole, or is damaged.</exception>
    public static async Task<BackupManifest> ReadAsync(string path, string? folder, CancellationToken cancel)
    {
        try
        {
            await using var source = File.OpenRead(path);
            await using var tar = new TarReader(source);
            var found = new List<BackupEntry>();
            while (await tar.GetNextEntryAsync(copyData: false, cancel) is { } entry)
            {
                if (entry.Name == BackupManifest.EntryName)
                    return await CheckAsync(entry, found, path, cancel);
                found.Add(await TakeAsync(entry, folder, cancel));
            }
            throw new BackupException($"{path} is cut short: it has no manifest at its end. Make or copy it again.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException)
        {
            throw new BackupException($"{path} is no backup, or is damaged: {e.Message}");
        }
    }

    private static PaxTarEntry Entry(string name, Stream data, DateTimeOffset now) =>
        new(TarEntryType.RegularFile, name)
        {
            DataStream = data,
            Mode = Private,
            ModificationTime = now,
        };

    private static async Task<BackupEntry> TakeAsync(TarEntry entry, string? folder, CancellationToken cancel)
    {
        if (!IsSafe(entry))
            throw new BackupException(
                $"'{entry.Name}' is not a file that a backup of a gateway has: it is not restored."
            );
        var path = folder is null ? null : Path.Combine(folder, entry.Name);
        if (path is not null)
            Security.PrivateFile.CreateFolder(Path.GetDirectoryName(path)!); // it lies below the folder
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var target = path is null ? Stream.Null : Create(path);
        var buffer = new byte[1 << 16];
        long bytes = 0;
        while (entry.DataStream is { } data && await data.ReadAsync(buffer, cancel) is > 0 and var read)
        {
            hash.AppendData(buffer, 0, read);
            await target.WriteAsync(buffer.AsMemory(0, read), cancel);
            bytes += read;
        }
        if (target is FileStream file)
            file.Flush(flushToDisk: true);
        return new BackupEntry(entry.Name, bytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Private;
        return new FileStream(path, options);
    }

    /// <summary>A plain file below the folder: no link, no way out of it.</summary>
    private static bool IsSafe(TarEntry entry) =>
        entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile
        && entry.Name.Length is > 0 and < 256
        && !entry.Name.Contains('\\')
        && !Path.IsPathRooted(entry.Name)
        && entry.Name.Split('/').All(part => part is not ("" or "." or ".."));

    private static async Task<BackupManifest> CheckAsync(
        TarEntry entry,
        List<BackupEntry> found,
        string path,
        CancellationToken cancel
    )
    {
        using var bytes = new MemoryStream();
        if (entry.DataStream is { } data)
            await data.CopyToAsync(bytes, cancel);
        var manifest =
            BackupManifest.Read(bytes.ToArray())
            ?? throw new BackupException($"The manifest of {path} cannot be read: the file is damaged.");
        if (manifest.Format > BackupManifest.CurrentFormat)
            throw new BackupException(
                $"{path} was made by gateway {manifest.Gateway} in a newer format: restore it with that version."
            );
        if (!manifest.Files.SequenceEqual(found))
        {
            var wrong = manifest.Files.Except(found).Concat(found.Except(manifest.Files)).First();
            throw new BackupException($"{path} is damaged: '{wrong.Name}' is not what was written. Take another copy.");
        }
        return manifest;
    }
}
