using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Bench.History;

/// <summary>What the kernel remembers of files.</summary>
internal static partial class PageCache
{
    private const int DontNeed = 4;

    /// <summary>Lets it forget all files of a folder, so that whoever reads them next reads the disk. For Linux.</summary>
    public static void Forget(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var file = File.OpenHandle(path, access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file); // what is not on disk cannot be forgotten
            if (Advise(file, 0, 0, DontNeed) != 0)
                throw new IOException($"The kernel does not forget {path}.");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
