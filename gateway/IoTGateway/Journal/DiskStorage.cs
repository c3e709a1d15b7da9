using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Journal;

internal sealed partial class DiskStorage : IJournalStorage
{
    public IJournalFile Create(string path) => new DiskFile(OpenHandle(path, FileMode.Create));

    public IJournalFile Open(string path) => new DiskFile(OpenHandle(path, FileMode.Open));

    public void Delete(string path) => File.Delete(path);

    public void SyncFolder(string folder)
    {
        // Windows journals its directory entries itself and cannot flush a folder.
        if (OperatingSystem.IsWindows())
            return;
        var descriptor = OpenFolder(folder, flags: 0);
        if (descriptor < 0)
            throw Failure("open", folder);
        try
        {
            // Some network file systems cannot sync a folder and say EINVAL: that is theirs to promise.
            if (SyncDescriptor(descriptor) < 0 && Marshal.GetLastPInvokeError() != InvalidArgument)
                throw Failure("sync", folder);
        }
        finally
        {
            _ = CloseDescriptor(descriptor);
        }
    }

    private const int InvalidArgument = 22;

    private static SafeFileHandle OpenHandle(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static IOException Failure(string verb, string folder)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"Cannot {verb} the folder '{folder}': {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);

    private sealed class DiskFile(SafeFileHandle handle) : IJournalFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long position) => RandomAccess.Write(handle, bytes, position);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        /// <summary>fsync on Unix (F_FULLFSYNC on macOS), FlushFileBuffers on Windows; throws when it fails.</summary>
        public void Sync() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
