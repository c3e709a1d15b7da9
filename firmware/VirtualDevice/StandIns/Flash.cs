namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>The flash chip's own behaviour: it fills up, and a write that the power leaves is left in the middle.</summary>
internal sealed class Flash(string directory)
{
    private readonly Lock _lock = new();
    private long _bytesWritten;
    private Action? _cutPower;

    /// <summary>What all files may hold together.</summary>
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

        var others = new DirectoryInfo(directory).EnumerateFiles().Where(f => f.FullName != path).Sum(f => f.Length);
        if (others + bytes.Length > Capacity)
            throw new IOException("no space left on I:");
        System.IO.File.WriteAllBytes(path, cut is null ? bytes : bytes[..(bytes.Length / 2)]);
        Interlocked.Add(ref _bytesWritten, bytes.Length);
        if (cut is null)
            return;
        cut();
        // The firmware learns nothing of how the write went.
        throw new PowerOffException();
    }
}
