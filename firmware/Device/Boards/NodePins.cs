// Written by 'dotnet run --project hardware/tool' from hardware/boards/*.json and hardware/sensor-node/wiring.json:
// change those, never this. A test notices when they differ.
namespace IoTGateway.Device.Boards
{
    /// <summary>Where the sensor node's parts are on each board: GPIO numbers, and channels of ADC1.</summary>
    internal sealed class NodePins
    {
        private NodePins(string board)
        {
            Board = board;
        }

        /// <summary>The board's name in hardware/boards.</summary>
        public string Board { get; private set; }

        public int Led { get; private set; }

        public int I2cData { get; private set; }

        public int I2cClock { get; private set; }

        public int SupplyChannel { get; private set; }

        /// <summary>The boards that are known.</summary>
        public const string All = "esp32-c3-devkitm-1, esp32-devkitc, esp32-s3-devkitc-1";

        /// <summary>The pins on the board of this name; null where it is none of them.</summary>
        public static NodePins Find(string board)
        {
            if (board == "esp32-c3-devkitm-1")
                return Esp32C3Devkitm1();
            if (board == "esp32-devkitc")
                return Esp32Devkitc();
            if (board == "esp32-s3-devkitc-1")
                return Esp32S3Devkitc1();
            return null;
        }

        /// <summary>ESP32-C3-DevKitM-1</summary>
        private static NodePins Esp32C3Devkitm1()
        {
            NodePins pins = new NodePins("esp32-c3-devkitm-1");
            pins.Led = 10;
            pins.I2cData = 6;
            pins.I2cClock = 7;
            pins.SupplyChannel = 3;
            return pins;
        }

        /// <summary>ESP32-DevKitC V4</summary>
        private static NodePins Esp32Devkitc()
        {
            NodePins pins = new NodePins("esp32-devkitc");
            pins.Led = 23;
            pins.I2cData = 21;
            pins.I2cClock = 22;
            pins.SupplyChannel = 6;
            return pins;
        }

        /// <summary>ESP32-S3-DevKitC-1 v1.1</summary>
        private static NodePins Esp32S3Devkitc1()
        {
            NodePins pins = new NodePins("esp32-s3-devkitc-1");
            pins.Led = 21;
            pins.I2cData = 8;
            pins.I2cClock = 9;
            pins.SupplyChannel = 3;
            return pins;
        }
    }
}
