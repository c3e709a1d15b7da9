namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>System.GC, as far as the firmware uses it: a board's finalizers, and not those of this process.</summary>
internal static class GC
{
    /// <summary>Those of what a collection has found before; of what it was not asked to find, none.</summary>
    public static void WaitForPendingFinalizers()
    {
        if (Machine.Current.OldSocket == OldSocket.Collected)
            Machine.Current.OldSocket = OldSocket.Gone;
    }
}
