using System;
using System.IO;
using System.Text;
using System.Threading;
using IoTGateway.Device.Boards;
using nanoFramework.Networking;
using nanoFramework.Runtime.Native;

namespace IoTGateway.Device
{
    /// <summary>The board's entry point: settings, network, clock, and then one application until the power goes.</summary>
    public static class Program
    {
        private const string SettingsFile = @"I:\config.json";
        private const string RootFile = @"I:\ca.pem";
        private const int NetworkTimeoutMs = 60000;
        private const int PauseBeforeRebootMs = 10000;

        public static void Main()
        {
            try
            {
                DeviceSettings settings = Read();
                NodePins pins = NodePins.Find(settings.Board);
                // Another board's pins might drive what must not be driven.
                if (pins == null)
                {
                    throw new InvalidOperationException(
                        SettingsFile + " names the board " + settings.Board + ", this firmware knows " + NodePins.All
                    );
                }

                // Wi-Fi credentials come with provisioning. The driver reconnects by itself from here on: no loops
                // of ours. requiresDateTime waits for SNTP, because TLS checks dates.
                CancellationTokenSource patience = new CancellationTokenSource(NetworkTimeoutMs);
                if (!WifiNetworkHelper.Reconnect(requiresDateTime: true, token: patience.Token))
                    Console.WriteLine("no network or no time yet; sampling starts without");
                new Application(new Esp32DevKit(pins), settings).Run();
            }
            catch (Exception e)
            {
                // An exception that leaves Main ends the board in silence. A reboot is louder, and often a cure.
                Console.WriteLine("stopped: " + e.Message);
                Thread.Sleep(PauseBeforeRebootMs);
            }

            Power.RebootDevice();
        }

        private static DeviceSettings Read()
        {
            byte[] json = File.ReadAllBytes(SettingsFile);
            DeviceSettings settings = DeviceSettings.Parse(Encoding.UTF8.GetString(json, 0, json.Length));
            if (settings == null)
            {
                throw new InvalidOperationException(
                    SettingsFile + " must be {\"gateway\":\"wss://host:port/v1/link\",\"token\":\"id.secret\"}"
                );
            }

            if (File.Exists(RootFile))
            {
                byte[] pem = File.ReadAllBytes(RootFile);
                settings.CaPem = Encoding.UTF8.GetString(pem, 0, pem.Length);
            }

            return settings;
        }
    }
}
