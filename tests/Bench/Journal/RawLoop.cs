using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Bench.Journal;

/// <summary>The least that can be done for the same promise: a write and a sync of each batch, and nothing else.</summary>
internal static partial class RawLoop
{
    /// <summary>Appends batches to a new file, each synced before the next.</summary>
    /// <returns>The time that took.</returns>
    public static TimeSpan Run(string path, IReadOnlyList<int> batches)
    {
        var bytes = new byte[batches.Max()];
        Random.Shared.NextBytes(bytes);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var clock = Stopwatch.StartNew();
        var position = 0L;
        foreach (var length in batches)
        {
            RandomAccess.Write(file, bytes.AsSpan(0, length), position);
            if (SyncData(file) < 0)
                throw new IOException($"fdatasync of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
            position += length;
        }
        var took = clock.Elapsed;
        file.Dispose();
        File.Delete(path);
        return took;
    }

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(SafeFileHandle file);
}
