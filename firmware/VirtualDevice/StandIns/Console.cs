namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>System.Console, as far as the firmware uses it: what comes out of a board's serial port.</summary>
internal static class Console
{
    public static void WriteLine(string value)
    {
        if (!Machine.Current.PowerOff.IsCancellationRequested)
            Machine.Current.Serial?.Invoke(value);
    }
}
