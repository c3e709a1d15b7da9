using IoTGateway.VirtualDevice.StandIns;

namespace nanoFramework.Hardware.Esp32;

internal static class NativeMemory
{
    public enum MemoryType
    {
        All,
        Internal,
        SpiRam,
    }

    /// <summary>
    /// Figures of a plain ESP32 with Wi-Fi up, less what the machine's connections hold: one process has no heap per device to
    /// measure.
    /// </summary>
    public static void GetMemoryInfo(
        MemoryType memoryType,
        out uint totalSize,
        out uint totalFree,
        out uint largestFree
    )
    {
        Machine.Current.NeedPower();
        totalSize = memoryType == MemoryType.SpiRam ? 0u : 290_000u;
        totalFree = memoryType == MemoryType.SpiRam ? 0u : (uint)Math.Max(0, 146_800 - Machine.Current.NativeBytes);
        largestFree = memoryType == MemoryType.SpiRam ? 0u : 65_536u;
    }
}
