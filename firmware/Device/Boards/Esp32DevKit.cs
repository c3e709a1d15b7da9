using System;
using System.Device.Adc;
using System.Device.Gpio;
using System.Device.I2c;
using IoTGateway.Device.Sensors;
using nanoFramework.Hardware.Esp32;
using nanoFramework.Runtime.Native;

namespace IoTGateway.Device.Boards
{
    /// <summary>
    /// The sensor node of hardware/sensor-node: a BME280, its supply's voltage, an LED and its own health. A part that is
    /// not wired costs its rows and nothing else.
    /// </summary>
    internal sealed class Esp32DevKit : IBoard
    {
        /// <summary>3.3 V at the converter's end, behind 200 kΩ over 100 kΩ.</summary>
        public const int SupplyFullScaleMillivolts = 9900;

        private const int I2cBus = 1;

        private readonly NodePins _pins;

        public Esp32DevKit(NodePins pins)
        {
            _pins = pins;
            Clock = new SystemClock();
            Counters = new Counters();
            Random = new Random();
            Led = new GpioController().OpenPin(pins.Led, PinMode.Output);
            Configuration.SetPinFunction(pins.I2cData, DeviceFunction.I2C1_DATA);
            Configuration.SetPinFunction(pins.I2cClock, DeviceFunction.I2C1_CLOCK);
            I2cDevice climate = I2cDevice.Create(
                new I2cConnectionSettings(I2cBus, Bme280.DefaultAddress, I2cBusSpeed.FastMode)
            );
            AdcChannel supply = new AdcController().OpenChannel(pins.SupplyChannel);
            Sensors = new ISensor[]
            {
                new Bme280("climate", climate, Clock),
                new AnalogInput("supply", supply, SupplyFullScaleMillivolts),
                new BoardHealthSensor(Clock, Counters),
            };
        }

        public string Name
        {
            get { return _pins.Board; }
        }

        public byte ResetReason
        {
            get { return Boards.ResetReason.Unknown; }
        }

        public IClock Clock { get; private set; }

        public Random Random { get; private set; }

        public Counters Counters { get; private set; }

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
