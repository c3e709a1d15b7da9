namespace IoTGateway.Device.Boards
{
    /// <summary>
    /// Where the sensor node's parts are on each board. hardware/boards says what a pin may do, hardware/sensor-node what
    /// is wired to it; a test holds these numbers to both.
    /// </summary>
    internal sealed class NodePins
    {
        /// <summary>The board's name in hardware/boards.</summary>
        public readonly string Board;
        public readonly int Led;
        public readonly int I2cData;
        public readonly int I2cClock;

        /// <summary>Of ADC1: while Wi-Fi is on, ADC2 is Wi-Fi's.</summary>
        public readonly int SupplyChannel;

        private NodePins(string board, int led, int i2cData, int i2cClock, int supplyChannel)
        {
            Board = board;
            Led = led;
            I2cData = i2cData;
            I2cClock = i2cClock;
            SupplyChannel = supplyChannel;
        }

        public static NodePins Esp32DevKitC()
        {
            return new NodePins("esp32-devkitc", 23, 21, 22, 6);
        }

        public static NodePins Esp32S3DevKitC()
        {
            return new NodePins("esp32-s3-devkitc-1", 21, 8, 9, 3);
        }

        public static NodePins Esp32C3DevKitM()
        {
            return new NodePins("esp32-c3-devkitm-1", 10, 6, 7, 3);
        }
    }
}
