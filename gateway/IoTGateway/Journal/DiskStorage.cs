using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Journal;

internal sealed partial class DiskStorage : IJournalStorage
{
    public IJournalFile Create(string path) => new DiskFile(path, OpenHandle(path, FileMode.Create));

    public IJournalFile Open(string path) => new DiskFile(path, OpenHandle(path, FileMode.Open));

    public void Delete(string path) => File.Delete(path);

    public void SyncFolder(string folder)
    {
        // Windows journals its directory entries itself and cannot flush a folder.
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = OpenFolder(folder, flags: 0);
        if (descriptor < 0)
            throw Failure("open the folder", folder);
        try
        {
            // Some network file systems cannot sync a folder and say EINVAL: that is theirs to promise.
            if (SyncDescriptor(descriptor) < 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw Failure("sync the folder", folder);
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    private const int Interrupted = 4;
    private const int InvalidArgument = 22;

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static IOException Failure(string doing, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot {doing} '{path}': {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);

    private sealed class DiskFile(string path, SafeFileHandle handle) : IJournalFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(handle, bytes, position);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        /// <summary>
        /// fdatasync on Linux: the bytes, and of what is known about the file all that is needed to read them back, its size
        /// included; when it was changed can wait. Elsewhere fsync (F_FULLFSYNC on macOS), FlushFileBuffers on Windows.
        /// </summary>
        public void Sync()
        {
            if (!OperatingSystem.IsLinux())
            {
                RandomAccess.FlushToDisk(handle);
                return;
            }
            while (SyncData(handle) < 0)
            {
                if (Marshal.GetLastPInvokeError() != Interrupted)
                    throw Failure("sync the file", path);
            }
        }

        public void Dispose() => handle.Dispose();
    }
}
