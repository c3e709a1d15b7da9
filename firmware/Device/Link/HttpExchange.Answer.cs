using System;
using System.Text;

namespace IoTGateway.Device.Link
{
    internal sealed partial class HttpExchange
    {
        private const int EndsWithConnection = -1;

        private static readonly byte[] ContentLength = Encoding.UTF8.GetBytes("content-length:");
        private static readonly byte[] ContentType = Encoding.UTF8.GetBytes("content-type:");
        private static readonly byte[] OurType = Encoding.UTF8.GetBytes("application/vnd.iotgw.v1");
        private static readonly byte[] TransferEncoding = Encoding.UTF8.GetBytes("transfer-encoding:");
        private static readonly byte[] Chunked = Encoding.UTF8.GetBytes("chunked");
        private static readonly byte[] Connection = Encoding.UTF8.GetBytes("connection:");
        private static readonly byte[] CloseToken = Encoding.UTF8.GetBytes("close");
        private static readonly byte[] RetryAfter = Encoding.UTF8.GetBytes("retry-after:");

        private readonly byte[] _statusLine = new byte[LineBytes];
        private int _statusLength;
        private bool _chunked;
        private bool _keeps;

        /// <summary>Of the body, or of its present chunk, still to come.</summary>
        private int _left;

        public int Status { get; private set; }

        /// <summary>"HTTP/1.1 503 Service Unavailable", for a log.</summary>
        public string StatusLine
        {
            get { return Encoding.UTF8.GetString(_statusLine, 0, _statusLength); }
        }

        /// <summary>Messages, and not a page that somebody in between has put there.</summary>
        public bool IsMessages { get; private set; }

        /// <summary>What Retry-After asks for; 0 for nothing, or a date.</summary>
        public int RetryAfterSeconds { get; private set; }

        /// <summary>Up to the body. Waits as long as said.</summary>
        public void ReadHead(int timeoutMs)
        {
            _socket.ReceiveTimeout = timeoutMs;
            do
            {
                Status = 0;
                IsMessages = false;
                RetryAfterSeconds = 0;
                _chunked = false;
                _left = EndsWithConnection;
                _headBytes = 0;
                ReadLine();
                TakeStatusLine();
                for (ReadLine(); _lineLength > 0; ReadLine())
                    TakeHeader();
            } while (Status >= 100 && Status < 200);

            if (_chunked || Status == 204 || Status == 304)
                _left = 0;
            else if (_left == EndsWithConnection)
                _keeps = false;
        }

        /// <summary>Bytes of the body; 0 at its end.</summary>
        public int Read(byte[] into, int offset, int count)
        {
            if (_left == 0 && (!_chunked || !TryNextChunk()))
                return 0;
            if (_read == _filled && !TryFill())
            {
                if (_left == EndsWithConnection)
                    return 0;
                throw new InvalidOperationException("the answer was cut off");
            }

            int part = _filled - _read < count ? _filled - _read : count;
            if (_left != EndsWithConnection && part > _left)
                part = _left;
            Array.Copy(_in, _read, into, offset, part);
            _read += part;
            if (_left != EndsWithConnection)
                _left -= part;
            // Behind a chunk stands the end of its line.
            if (_chunked && _left == 0)
                ReadLine();
            return part;
        }

        /// <summary>A body as text, as far as a buffer reaches; the connection is of no use then.</summary>
        public string ReadText(byte[] buffer)
        {
            int length = 0;
            int read = 1;
            while (read > 0 && length < buffer.Length)
            {
                read = Read(buffer, length, buffer.Length - length);
                length += read;
            }

            return Encoding.UTF8.GetString(buffer, 0, length);
        }

        private void TakeStatusLine()
        {
            // HTTP/1.1 200 OK
            if (_lineLength < 12 || _line[0] != 'H' || _line[4] != '/' || _line[5] != '1' || _line[8] != ' ')
                throw new InvalidOperationException("nothing that is HTTP");

            int at = 9;
            Status = Number(ref at);
            if (_line[7] == '0')
                _keeps = false;
            _statusLength = _lineLength;
            Array.Copy(_line, 0, _statusLine, 0, _lineLength);
        }

        private void TakeHeader()
        {
            int at;
            if (Is(ContentLength, out at))
                _left = Number(ref at);
            else if (Is(ContentType, out at))
                IsMessages = Has(OurType, at);
            else if (Is(TransferEncoding, out at))
                _chunked = Has(Chunked, at);
            else if (Is(Connection, out at))
                _keeps &= !Has(CloseToken, at);
            else if (Is(RetryAfter, out at))
                RetryAfterSeconds = Number(ref at);
        }

        private bool TryNextChunk()
        {
            _headBytes = 0;
            ReadLine();
            int size = 0;
            for (int i = 0; i < _lineLength && HexDigit(_line[i]) >= 0; i++)
            {
                if (size > 0xFFFFFF)
                    throw new InvalidOperationException("a chunk of the answer is too large");
                size = size * 16 + HexDigit(_line[i]);
            }

            _left = size;
            if (size > 0)
                return true;

            // The last: trailers, and an empty line.
            _chunked = false;
            for (ReadLine(); _lineLength > 0; ReadLine()) { }
            return false;
        }
    }
}
