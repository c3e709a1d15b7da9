using IoTGateway.Device.Commands;
using IoTGateway.Device.Link;
using IoTGateway.Device.Storage;

namespace IoTGateway.Device.Boards
{
    /// <summary>What a device is told before it starts, and what a command may change while it runs.</summary>
    internal sealed class DeviceSettings
    {
        public const int MinSampleIntervalMs = 100;
        public const int MaxSampleIntervalMs = 3600000;
        public const int MinBatchIntervalMs = 100;
        public const int MaxBatchIntervalMs = 3600000;
        public const int MinPollIntervalMs = 1000;
        public const int MaxPollIntervalMs = 3600000;
        public const int MaxRowsPerMessage = 1000;

        /// <summary>wss://host:port/v1/link</summary>
        public string Gateway;

        /// <summary>&lt;deviceId&gt;.&lt;secret&gt;</summary>
        public string Token;

        /// <summary>The one root that may sign the gateway's certificate; null on ws.</summary>
        public string CaPem;

        /// <summary>Which board it runs on, and so which pins are whose (<see cref="NodePins"/>).</summary>
        public string Board = "esp32-devkitc";

        /// <summary>Which way messages go (<see cref="Link.Transport"/>), as provisioning, or since then DESIRED, has said.</summary>
        public byte Transport = Link.Transport.Auto;

        /// <summary>
        /// The last by which a link came about. A wish that would cut the device off is given up for it
        /// (<see cref="TransportChoice"/>).
        /// </summary>
        public byte ProvenTransport = Link.Transport.Auto;

        /// <summary>The wish that was given up; -1 for none.</summary>
        public int FailedTransport = -1;

        /// <summary>With the transport polling: how often commands are asked for while there is nothing to send.</summary>
        public int PollIntervalMs = 30000;

        public int SampleIntervalMs = 1000;
        public int RowsPerMessage = 10;
        public int BatchIntervalMs = 60000;

        /// <summary>What is below it stays on the device's console.</summary>
        public byte LogLevel = Wire.LogLevel.Information;

        /// <summary>12 KB of a 100 KB heap: about 20 minutes of three sensors each second. What waits longer is in flash.</summary>
        public int OutboxBytes = 12288;
        public int OutboxMessages = 128;

        /// <summary>What waits for its ACK that long is written to flash.</summary>
        public int SpillAfterMs = 600000;

        /// <summary>What a power cut would lose is in flash for so long ahead: one small write in every such while.</summary>
        public int LookAheadMs = 60000;

        /// <summary>A spill file fills two blocks of LittleFS (4,096 bytes, less their list pointers).</summary>
        public int SpillFileBytes = 8000;

        /// <summary>Half of the file system's 256 KB: the rest is Wi-Fi's, the certificates' and the settings'.</summary>
        public int SpillFiles = 16;

        /// <summary>
        /// No boot has an epoch below this. Each provisioning brings a higher one, so that a flash that was erased, and its
        /// counter with it, uses none again.
        /// </summary>
        public uint FirstEpoch = 1;

        /// <summary>A board without SNTP takes the time from WELCOME.</summary>
        public bool TakesTimeFromGateway = true;

        public readonly LinkTimings Timings = new LinkTimings();

        /// <summary>What provisioning has written as config.json; null where gateway or token is missing.</summary>
        public static DeviceSettings Parse(string json)
        {
            JsonObject given = JsonObject.Parse(json);
            DeviceSettings settings = new DeviceSettings();
            if (
                given == null
                || !given.TryGetString("gateway", out settings.Gateway)
                || !given.TryGetString("token", out settings.Token)
            )
                return null;

            string board;
            if (given.TryGetString("board", out board))
                settings.Board = board;
            long epoch;
            // Above it is where a device goes that found its epoch used (EpochCounter.Beyond).
            if (given.TryGetLong("epoch", out epoch) && epoch > 0 && epoch < EpochCounter.SkippedRange)
                settings.FirstEpoch = (uint)epoch;
            settings.ParseTransport(given);
            return settings;
        }

        /// <summary>A word that is none leaves the choice to the device: better that than a board that stops.</summary>
        private void ParseTransport(JsonObject given)
        {
            string name;
            long milliseconds;
            if (given.TryGetString("transport", out name) && Link.Transport.Parse(name) >= 0)
                Transport = (byte)Link.Transport.Parse(name);
            if (given.TryGetLong("pollIntervalMs", out milliseconds))
                TrySetPollInterval(milliseconds);
            ProvenTransport = Transport;
        }

        public bool TrySetPollInterval(long milliseconds)
        {
            if (milliseconds < MinPollIntervalMs || milliseconds > MaxPollIntervalMs)
                return false;

            PollIntervalMs = (int)milliseconds;
            return true;
        }

        public bool TrySetSampleInterval(long milliseconds)
        {
            if (milliseconds < MinSampleIntervalMs || milliseconds > MaxSampleIntervalMs)
                return false;

            SampleIntervalMs = (int)milliseconds;
            return true;
        }

        public bool TrySetBatchInterval(long milliseconds)
        {
            if (milliseconds < MinBatchIntervalMs || milliseconds > MaxBatchIntervalMs)
                return false;

            BatchIntervalMs = (int)milliseconds;
            return true;
        }

        public bool TrySetLogLevel(string name)
        {
            int level = LogLevels.Parse(name);
            if (level < 0)
                return false;

            LogLevel = (byte)level;
            return true;
        }
    }
}
