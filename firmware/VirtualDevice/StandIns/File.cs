namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>nanoFramework's System.IO.File over a folder that stands for the flash's drive I:.</summary>
internal static class File
{
    private const string Drive = @"I:\";

    public static bool Exists(string path) => System.IO.File.Exists(OnDisk(path));

    public static byte[] ReadAllBytes(string path) => System.IO.File.ReadAllBytes(OnDisk(path));

    public static void WriteAllBytes(string path, byte[] bytes) => Machine.Current.Flash.Write(OnDisk(path), bytes);

    public static void Delete(string path) => System.IO.File.Delete(OnDisk(path));

    /// <summary>Refuses to replace, as the original does.</summary>
    public static void Move(string sourceFileName, string destFileName) =>
        System.IO.File.Move(OnDisk(sourceFileName), OnDisk(destFileName), overwrite: false);

    private static string OnDisk(string path)
    {
        if (!path.StartsWith(Drive, StringComparison.Ordinal))
            throw new IOException($"{path}: the board has the drive {Drive} alone");
        // The power can go while the firmware computes; nothing reaches the chip after that.
        if (Machine.Current.PowerOff.IsCancellationRequested)
            throw new PowerOffException();

        return Path.Combine(Machine.Current.FlashDirectory, path[Drive.Length..].Replace('\\', '/'));
    }
}
