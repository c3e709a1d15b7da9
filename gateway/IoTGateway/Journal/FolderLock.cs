using System.Globalization;
using System.Text;

namespace IoTGateway.Journal;

/// <summary>
/// One process, one journal: two writers would overwrite each other's records. The lock file also tells whether the
/// run before was stopped in order: while a run lasts, it holds a count.
/// </summary>
internal sealed class FolderLock : IAsyncDisposable
{
    public const string FileName = "journal.lock";

    private readonly FileStream _file;

    private FolderLock(FileStream file, DateTimeOffset begun)
    {
        (_file, Begun) = (file, begun);
        Span<byte> text = stackalloc byte[16];
        var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
        // What is there but no number came of a crash as well.
        var isNumber = int.TryParse(text[..length], NumberStyles.None, CultureInfo.InvariantCulture, out var count);
        CutShort = length == 0 ? 0 : Math.Clamp(isNumber ? count : 1, 1, 1_000_000);
        Write((CutShort + 1).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>How many runs in a row, up to the one before this, ended without a stop: killed, crashed, power cut.</summary>
    public int CutShort { get; }

    /// <summary>When the run before began, where it was cut short: nobody has written the file since.</summary>
    public DateTimeOffset Begun { get; }

    /// <summary>The operating system releases the lock when the process ends, however it ends.</summary>
    public static FolderLock Acquire(string folder)
    {
        var path = Path.Combine(folder, FileName);
        try
        {
            var begun = new DateTimeOffset(File.GetLastWriteTimeUtc(path));
            return new FolderLock(
                new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0),
                begun
            );
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

    /// <summary>The run ends in order.</summary>
    public ValueTask DisposeAsync()
    {
        Write("");
        return _file.DisposeAsync();
    }

    /// <summary>The start failed: the next one is told as this one was.</summary>
    public void Abandon() => _file.Dispose();

    /// <summary>A full disk must neither prevent a start nor a stop: the count is then wrong, and no more.</summary>
    private void Write(string text)
    {
        try
        {
            _file.SetLength(0);
            _file.Position = 0;
            _file.Write(Encoding.ASCII.GetBytes(text));
        }
        catch (IOException)
        {
            // As said.
        }
    }
}
