using System.Diagnostics;

namespace IoTGateway.Faults;

/// <summary>A tmpfs of a few megabytes, unmounted whatever happens. Only root can mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly string _ballast;

    private SmallDisk(string path) => (Path, _ballast) = (path, System.IO.Path.Combine(path, "ballast"));

    public string Path { get; }

    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        RequireRoot("mounting a tmpfs");
        var path = Directory.CreateTempSubdirectory("iotgw-disk-").FullName;
        var (exit, output) = await RunAsync("/bin/mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", path);
        if (exit == 0)
            return new SmallDisk(path);
        Directory.Delete(path);
        SkipOrFail($"a tmpfs cannot be mounted here: {output}");
        throw new UnreachableException();
    }

    /// <summary>Skips where the tests may skip, and says why; fails where a skip is a failure.</summary>
    public static void RequireRoot(string what)
    {
        if (!Environment.IsPrivilegedProcess)
            SkipOrFail($"{what} needs root");
    }

    /// <summary>As <see cref="RequireRoot"/>, for a program that the fault needs.</summary>
    public static void RequireProgram(string path, string package)
    {
        if (!File.Exists(path))
            SkipOrFail($"{path} is not installed; on Debian: apt-get install -y {package}");
    }

    /// <summary>Somebody else fills the disk, up to so many bytes.</summary>
    public void FillUp(long leaveBytes)
    {
        using var file = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[64 * 1024];
        try
        {
            for (var left = FreeBytes - leaveBytes; left > 0; left -= block.Length)
                file.Write(block, 0, (int)Math.Min(left, block.Length));
        }
        catch (IOException)
        {
            // The gateway was quicker and took the rest: it is full all the same.
        }
    }

    /// <summary>Somebody tidies up.</summary>
    public void MakeRoom() => File.Delete(_ballast);

    public async ValueTask DisposeAsync()
    {
        var (exit, output) = await RunAsync("/bin/umount", Path);
        if (exit != 0)
            (exit, output) = await RunAsync("/bin/umount", "--lazy", Path);
        Assert.True(exit == 0, $"{Path} is still mounted: {output}");
        Directory.Delete(Path);
    }

    private static void SkipOrFail(string why)
    {
        Assert.False(Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1", why);
        Assert.Skip(why);
    }

    private static async Task<(int Exit, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var output = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output.Trim());
    }
}
