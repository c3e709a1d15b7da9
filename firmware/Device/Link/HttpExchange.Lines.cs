using System;

namespace IoTGateway.Device.Link
{
    internal sealed partial class HttpExchange
    {
        // Longer lines are read over; none that matters is.
        private const int LineBytes = 96;
        private const int MostHeadBytes = 8192;
        private const int InBytes = 512;

        private readonly byte[] _in = new byte[InBytes];
        private readonly byte[] _line = new byte[LineBytes];
        private int _read;
        private int _filled;
        private int _lineLength;
        private int _headBytes;

        private static int HexDigit(byte b)
        {
            if (b >= '0' && b <= '9')
                return b - '0';
            int letter = b | 0x20;
            return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
        }

        /// <summary>Whether the line begins so; names are the same in either case. Then where its value begins.</summary>
        private bool Is(byte[] name, out int value)
        {
            value = name.Length;
            if (!Matches(name, 0))
                return false;
            while (value < _lineLength && _line[value] == ' ')
                value++;
            return true;
        }

        private bool Has(byte[] word, int from)
        {
            for (; from + word.Length <= _lineLength; from++)
            {
                if (Matches(word, from))
                    return true;
            }

            return false;
        }

        private bool Matches(byte[] lower, int from)
        {
            if (_lineLength - from < lower.Length)
                return false;
            for (int i = 0; i < lower.Length; i++)
            {
                int b = _line[from + i];
                if (b >= 'A' && b <= 'Z')
                    b |= 0x20;
                if (b != lower[i])
                    return false;
            }

            return true;
        }

        /// <summary>Digits; as much as nobody means where there are too many.</summary>
        private int Number(ref int at)
        {
            int number = 0;
            for (; at < _lineLength && _line[at] >= '0' && _line[at] <= '9'; at++)
                number = number > 99999999 ? number : number * 10 + _line[at] - '0';
            return number;
        }

        private void ReadLine()
        {
            _lineLength = 0;
            while (true)
            {
                if (_read == _filled && !TryFill())
                    throw new InvalidOperationException("the connection closed");
                if (++_headBytes > MostHeadBytes)
                    throw new InvalidOperationException("the answer's head has no end");

                byte next = _in[_read++];
                if (next == '\n')
                    return;
                if (next != '\r' && _lineLength < _line.Length)
                    _line[_lineLength++] = next;
            }
        }

        private bool TryFill()
        {
            _read = 0;
            _filled = _stream.Read(_in, 0, _in.Length);
            return _filled > 0; // a read of 0 bytes is a close
        }
    }
}
