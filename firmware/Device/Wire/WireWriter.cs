using System;
using System.Text;

namespace IoTGateway.Device.Wire
{
    /// <summary>
    /// Writes the protocol's primitives into one buffer that is allocated once. A write that does not fit sets
    /// <see cref="Overflowed"/> and writes nothing more, so that callers test once, at the end.
    /// </summary>
    internal sealed class WireWriter
    {
        private readonly byte[] _buffer;

        public WireWriter(int capacity)
        {
            _buffer = new byte[capacity];
        }

        public static int VarintBytes(long value)
        {
            int bytes = 1;
            for (ulong rest = (ulong)value; rest >= 0x80; rest >>= 7)
                bytes++;
            return bytes;
        }

        public byte[] Buffer
        {
            get { return _buffer; }
        }

        public int Length { get; private set; }

        public bool Overflowed { get; private set; }

        public void Clear()
        {
            Length = 0;
            Overflowed = false;
        }

        public void U8(byte value)
        {
            if (Overflowed || Length == _buffer.Length)
            {
                Overflowed = true;
                return;
            }

            _buffer[Length++] = value;
        }

        public void U16(ushort value)
        {
            U8((byte)value);
            U8((byte)(value >> 8));
        }

        public void U32(uint value)
        {
            U16((ushort)value);
            U16((ushort)(value >> 16));
        }

        public void U64(ulong value)
        {
            U32((uint)value);
            U32((uint)(value >> 32));
        }

        public void Varint(ulong value)
        {
            while (value >= 0x80)
            {
                U8((byte)(value | 0x80));
                value >>= 7;
            }

            U8((byte)value);
        }

        public void Svarint(long value)
        {
            Varint((ulong)((value << 1) ^ (value >> 63)));
        }

        public void Str(string text)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(text);
            Varint((ulong)utf8.Length);
            Bytes(utf8, 0, utf8.Length);
        }

        public void Bytes(byte[] bytes, int offset, int count)
        {
            if (Overflowed || count > _buffer.Length - Length)
            {
                Overflowed = true;
                return;
            }

            Array.Copy(bytes, offset, _buffer, Length, count);
            Length += count;
        }

        /// <summary>A fresh array of what was written: for what is kept, or handed to a socket that scribbles on it.</summary>
        public byte[] ToArray()
        {
            byte[] copy = new byte[Length];
            Array.Copy(_buffer, 0, copy, 0, Length);
            return copy;
        }
    }
}
