using System.Diagnostics.CodeAnalysis;

namespace IoTGateway.Journal;

/// <summary>The watermarks of all devices. Not thread-safe: <see cref="PendingQueue"/> guards it with its lock.</summary>
internal sealed class Watermarks
{
    private readonly Dictionary<string, DeviceWatermarks> _devices = new(StringComparer.Ordinal);

    public int Count => _devices.Count;

    public Dictionary<string, DeviceWatermarks>.ValueCollection Devices => _devices.Values;

    public DeviceWatermarks For(string device)
    {
        if (!_devices.TryGetValue(device, out var marks))
            _devices.Add(device, marks = new DeviceWatermarks(device));
        return marks;
    }

    /// <summary>What comes under this name from now on is another device's.</summary>
    public void Forget(string device) => _devices.Remove(device);

    public uint Durable(string device, uint epoch) => TryGet(device, out var marks) ? marks.Durable(epoch) : 0;

    /// <summary>Counts a record found at start-up.</summary>
    /// <param name="afterDamage">
    /// Whether damage was met before it. Then a jump in the sequence may be a message that a power cut tore out of a
    /// batch nobody acknowledged. Raising the watermark over the hole would tell the device that the missing message
    /// is safe, and it would delete it. So the watermark stays: at worst a message is stored twice.
    /// </param>
    public void Replay(string device, uint epoch, uint sequence, bool afterDamage)
    {
        if (epoch == 0)
            return;
        if (afterDamage && sequence > Durable(device, epoch) + 1L)
            return;
        For(device).Restore(epoch, sequence);
    }

    private bool TryGet(string device, [NotNullWhen(true)] out DeviceWatermarks? marks) =>
        _devices.TryGetValue(device, out marks);
}
