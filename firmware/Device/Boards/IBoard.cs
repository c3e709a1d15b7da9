using System;
using System.Device.Gpio;
using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Boards
{
    /// <summary>Which sensors and pins this device has: the one thing that differs from board to board.</summary>
    internal interface IBoard
    {
        /// <summary>For HELLO: what a person looks for on the shelf.</summary>
        string Name { get; }

        /// <summary>Why the last boot ended (<see cref="Boards.ResetReason"/>).</summary>
        byte ResetReason { get; }

        IClock Clock { get; }

        /// <summary>Seeded by the hardware: a thousand boards that lost one gateway must not come back in step.</summary>
        Random Random { get; }

        /// <summary>Of this boot; the board's own health is told from them.</summary>
        Counters Counters { get; }

        ISensor[] Sensors { get; }

        GpioPin Led { get; }

        /// <summary>Told of every sealed row, where somebody wants to compare; null on a board.</summary>
        RowsSealed RowsSealed { get; }

        void Log(string line);

        /// <summary>Does not return.</summary>
        void Reboot();
    }

    /// <summary>Rows [from, from + count) of a sensor have got their message. A delegate of its own: Action&lt;T&gt; dies on the board.</summary>
    internal delegate void RowsSealed(SensorRows rows, int from, int count, byte clock, uint epoch, uint sequence);

    internal static class ResetReason
    {
        public const byte Unknown = 0;
        public const byte PowerOn = 1;
        public const byte Software = 2;
        public const byte Watchdog = 3;
        public const byte DeepSleep = 4;
    }
}
