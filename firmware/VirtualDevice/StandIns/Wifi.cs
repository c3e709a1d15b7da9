using IoTGateway.VirtualDevice.StandIns;

// nanoFramework.System.Device.Wifi, as far as the firmware uses it.
namespace nanoFramework.Networking;

internal static class WifiNetworkHelper
{
    /// <summary>
    /// Whether there is the network that was provisioned, and the time where that is asked for. A board waits for it until
    /// the token is cancelled; here nobody waits for what is not there.
    /// </summary>
    public static bool Reconnect(
        bool requiresDateTime = false,
        int wifiAdapterId = 0,
        CancellationToken token = default
    ) => !token.IsCancellationRequested && Machine.Current.Radio.State == RadioState.On;
}
