namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>The flash chip's own behaviour: it fills up, and a write that the power leaves is left in the middle.</summary>
internal sealed class Flash(string directory)
{
    /// <summary>
    /// LittleFS keeps a file of up to an eighth of a block within its directory: it takes no block, and is written even
    /// where no block is free (littlefs, SPEC.md, "inline struct").
    /// </summary>
    public const int InlineBytes = 512;

    private readonly Lock _lock = new();
    private long _bytesWritten;
    private Action? _cutPower;

    /// <summary>What all files that take blocks may hold together; 0 is a flash that takes nothing at all.</summary>
    public long Capacity { get; set; } = 256 * 1024;

    public long BytesWritten => Interlocked.Read(ref _bytesWritten);

    /// <summary>The next write gets half of its bytes out, and then <paramref name="cut"/> is called.</summary>
    public void CutPowerInNextWrite(Action? cut)
    {
        lock (_lock)
            _cutPower = cut;
    }

    public void Write(string path, byte[] bytes)
    {
        Action? cut;
        lock (_lock)
        {
            cut = _cutPower;
            _cutPower = null;
        }

        if (!HasRoom(path, bytes.Length))
            throw new IOException("no space left on I:");
        System.IO.File.WriteAllBytes(path, cut is null ? bytes : bytes[..(bytes.Length / 2)]);
        Interlocked.Add(ref _bytesWritten, bytes.Length);
        if (cut is null)
            return;
        cut();
        // The firmware learns nothing of how the write went.
        throw new PowerOffException();
    }

    private bool HasRoom(string path, int length)
    {
        if (Capacity == 0 || length <= InlineBytes)
            return Capacity > 0;

        var others = new DirectoryInfo(directory)
            .EnumerateFiles()
            .Where(f => f.Length > InlineBytes && f.FullName != path)
            .Sum(f => f.Length);
        return others + length <= Capacity;
    }
}
