using System;
using System.Device.Gpio;
using IoTGateway.Device.Sensors;
using nanoFramework.Runtime.Native;

namespace IoTGateway.Device.Boards
{
    /// <summary>An ESP32 DevKitC with nothing but what is on it: the blue LED on GPIO 2, and its own health.</summary>
    internal sealed class Esp32DevKit : IBoard
    {
        private const int LedPin = 2;

        public Esp32DevKit()
        {
            Clock = new SystemClock();
            Random = new Random();
            Led = new GpioController().OpenPin(LedPin, PinMode.Output);
            Sensors = new ISensor[] { new BoardHealthSensor(Clock) };
        }

        public string Name
        {
            get { return "esp32-devkitc"; }
        }

        public byte ResetReason
        {
            get { return Boards.ResetReason.Unknown; }
        }

        public IClock Clock { get; private set; }

        public Random Random { get; private set; }

        public ISensor[] Sensors { get; private set; }

        public GpioPin Led { get; private set; }

        public RowsSealed RowsSealed
        {
            get { return null; }
        }

        public void Log(string line)
        {
            Console.WriteLine(line);
        }

        public void Reboot()
        {
            Power.RebootDevice();
        }
    }
}
