using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.Runtime.Native, as far as the firmware uses it.
namespace nanoFramework.Runtime.Native;

internal static class GC
{
    /// <summary>
    /// Free managed bytes, after a collection. None is run here: the defect it cures is the board's, and a thousand devices
    /// that collect one shared heap would measure nothing but that.
    /// </summary>
    public static uint Run(bool compactHeap)
    {
        if (Machine.Current.OldSocket == OldSocket.Garbage)
            Machine.Current.OldSocket = OldSocket.Collected;
        return compactHeap ? 72_000u : 70_000u;
    }
}

internal static class Power
{
    /// <summary>Does not return: the power goes, and the virtual device boots again.</summary>
    public static void RebootDevice() => throw new RebootException();
}

internal static class Rtc
{
    public static bool SetSystemTime(DateTime time) => time.Ticks > 0;
}

/// <summary>Unwinds the device's thread out of a call that does not return on a board.</summary>
internal sealed class RebootException() : Exception("the device reboots");
