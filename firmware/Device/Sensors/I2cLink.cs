using System;
using System.Device.I2c;

namespace IoTGateway.Device.Sensors
{
    /// <summary>
    /// One chip on the bus. A transfer says in its status, and in no other way, that it failed: here each is looked at, and
    /// each failure counted.
    /// </summary>
    internal sealed class I2cLink
    {
        private readonly I2cDevice _device;
        private readonly byte[] _one = new byte[1];
        private readonly byte[] _two = new byte[2];

        public I2cLink(I2cDevice device)
        {
            _device = device;
        }

        /// <summary>Transfers that were not acknowledged, or not to their end.</summary>
        public long Failures { get; private set; }

        /// <summary>Fills <paramref name="into"/> from consecutive registers.</summary>
        public bool TryReadRegisters(byte first, byte[] into)
        {
            _one[0] = first;
            return Whole(_device.WriteRead(new SpanByte(_one), new SpanByte(into)));
        }

        /// <summary>A register and its value, or a command of two bytes.</summary>
        public bool TryWrite(byte first, byte second)
        {
            _two[0] = first;
            _two[1] = second;
            return Whole(_device.Write(new SpanByte(_two)));
        }

        public bool TryRead(byte[] into)
        {
            return Whole(_device.Read(new SpanByte(into)));
        }

        private bool Whole(I2cTransferResult result)
        {
            if (result.Status == I2cTransferStatus.FullTransfer)
                return true;

            Failures++;
            return false;
        }
    }
}
