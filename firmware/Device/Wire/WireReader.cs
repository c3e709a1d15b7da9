using System;
using System.Text;

namespace IoTGateway.Device.Wire
{
    /// <summary>
    /// Reads the protocol's primitives. Bad input is an expected thing, so nothing throws: the first read that does not
    /// fit sets <see cref="Failed"/>, and from then on every read returns zero.
    /// </summary>
    internal sealed class WireReader
    {
        private byte[] _bytes;
        private int _position;
        private int _end;
        private int _stringBytes;

        public bool Failed { get; private set; }

        public int Position
        {
            get { return _position; }
        }

        public int Remaining
        {
            get { return _end - _position; }
        }

        /// <summary>A message is read whole: nothing failed and no byte is left over.</summary>
        public bool Complete
        {
            get { return !Failed && _position == _end; }
        }

        public void Reset(byte[] bytes, int offset, int length)
        {
            _bytes = bytes;
            _position = offset;
            _end = offset + length;
            Failed = false;
        }

        /// <summary>For the reader of a message, when a value is outside what the protocol allows.</summary>
        public void Fail()
        {
            Failed = true;
            _position = _end;
        }

        public byte U8()
        {
            return Take(1) ? _bytes[_position++] : (byte)0;
        }

        public ushort U16()
        {
            if (!Take(2))
                return 0;

            ushort value = (ushort)(_bytes[_position] | (_bytes[_position + 1] << 8));
            _position += 2;
            return value;
        }

        public uint U32()
        {
            if (!Take(4))
                return 0;

            uint low = U16();
            return low | ((uint)U16() << 16);
        }

        public ulong U64()
        {
            if (!Take(8))
                return 0;

            ulong low = U32();
            return low | ((ulong)U32() << 32);
        }

        /// <summary>Milliseconds up to the protocol's latest time, the year 2262; later ones are refused.</summary>
        public long TimeMs()
        {
            ulong time = U64();
            if (time > ProtocolLimits.LatestMs)
                Fail();
            return Failed ? 0 : (long)time;
        }

        public ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; shift < 64; shift += 7)
            {
                byte next = U8();
                // The tenth byte holds bit 63 alone: more would not fit 64 bits.
                if (shift == 63 && next > 1)
                    Fail();
                if (Failed)
                    return 0;

                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }

            Fail();
            return 0;
        }

        public long Svarint()
        {
            ulong raw = Varint();
            return (long)(raw >> 1) ^ -(long)(raw & 1);
        }

        /// <summary>A count that must not exceed <paramref name="most"/>, checked before anything is allocated for it.</summary>
        public int Count(int most)
        {
            ulong count = Varint();
            if (count > (ulong)most)
            {
                Fail();
                return 0;
            }

            return (int)count;
        }

        public string Str()
        {
            int length = Count(Remaining);
            if (!Take(length) || !Utf8.IsValid(_bytes, _position, length))
            {
                Fail();
                return "";
            }

            string text = length == 0 ? "" : Encoding.UTF8.GetString(_bytes, _position, length);
            _position += length;
            _stringBytes = length;
            return text;
        }

        /// <summary>1 to 64 UTF-8 bytes without control characters: a measurement, a field, a command.</summary>
        public string Name()
        {
            string name = Str();
            if (!Failed && (name.Length == 0 || _stringBytes > ProtocolLimits.NameBytes || HasControls(name)))
                Fail();
            return Failed ? "" : name;
        }

        public byte[] Bytes(int count)
        {
            byte[] copy = new byte[count];
            if (Take(count))
            {
                Array.Copy(_bytes, _position, copy, 0, count);
                _position += count;
            }

            return copy;
        }

        /// <summary>Passes over bytes that somebody else will look at.</summary>
        public bool Skip(int count)
        {
            if (!Take(count))
                return false;

            _position += count;
            return true;
        }

        private bool Take(int count)
        {
            if (!Failed && count <= _end - _position)
                return true;

            Fail();
            return false;
        }

        private static bool HasControls(string text)
        {
            for (int i = 0; i < text.Length; i++)
            {
                if (text[i] < ' ' || (text[i] >= (char)0x7F && text[i] < (char)0xA0))
                    return true;
            }

            return false;
        }
    }
}
