using IoTGateway.Device.Commands;
using IoTGateway.Device.Link;

namespace IoTGateway.Device.Boards
{
    /// <summary>What a device is told before it starts, and what a command may change while it runs.</summary>
    internal sealed class DeviceSettings
    {
        public const int MinSampleIntervalMs = 100;
        public const int MaxSampleIntervalMs = 3600000;
        public const int MinBatchIntervalMs = 100;
        public const int MaxBatchIntervalMs = 3600000;
        public const int MaxRowsPerMessage = 1000;

        /// <summary>wss://host:port/v1/link</summary>
        public string Gateway;

        /// <summary>&lt;deviceId&gt;.&lt;secret&gt;</summary>
        public string Token;

        /// <summary>The one root that may sign the gateway's certificate; null on ws.</summary>
        public string CaPem;

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

        /// <summary>A spill file fills two blocks of LittleFS (4,096 bytes, less their list pointers).</summary>
        public int SpillFileBytes = 8000;

        /// <summary>Half of the file system's 256 KB: the rest is Wi-Fi's, the certificates' and the settings'.</summary>
        public int SpillFiles = 16;

        /// <summary>A board without SNTP takes the time from WELCOME.</summary>
        public bool TakesTimeFromGateway = true;

        public readonly LinkTimings Timings = new LinkTimings();

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
