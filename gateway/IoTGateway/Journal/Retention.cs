using Microsoft.Extensions.Logging;

namespace IoTGateway.Journal;

/// <summary>Which segments may go. Only the writer loop calls it, so only one thread ever removes one.</summary>
internal sealed class Retention(
    string folder,
    IJournalStorage storage,
    SegmentList segments,
    CursorTable cursors,
    JournalOptions options,
    ILogger logger
)
{
    /// <summary>Removes what every cursor has passed and nothing asks to keep.</summary>
    public void Trim()
    {
        // The segment before the active one stays: should the snapshot of the active one be damaged, recovery
        // finds the watermarks there.
        while (
            segments is { Count: > 2, First: { } first }
            && segments.TotalBytes - first.Bytes >= options.KeepBytes
            && TryRemoveOldest()
        ) { }
    }

    /// <summary>Whether so many bytes more stay within the quota. Gives up kept history for it, never unread records.</summary>
    public bool TryMakeRoom(long needed)
    {
        while (segments.TotalBytes + needed > options.MaxBytes)
            if (!TryRemoveOldest())
                return false;
        return true;
    }

    public bool TryRemoveOldest()
    {
        if (segments is not { Count: > 1, First: { } oldest } || oldest.End > cursors.Floor)
            return false;
        try
        {
            oldest.Removed = true;
            storage.Delete(oldest.Path);
            segments.RemoveFirst();
            storage.SyncFolder(folder);
            JournalLog.SegmentRemoved(logger, oldest.Path);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            oldest.Removed = !File.Exists(oldest.Path);
            JournalLog.SegmentNotRemoved(logger, oldest.Path, failure.Message);
            return false;
        }
    }
}
