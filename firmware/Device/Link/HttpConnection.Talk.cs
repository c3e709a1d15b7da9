using System;
using System.Threading;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class HttpConnection
    {
        private const int LongestReasonBytes = 400;
        private const int InboxFullMs = 20;

        private readonly byte[] _one = new byte[1];

        /// <summary>The thread: an exception that left it would end it in silence.</summary>
        private void Talk()
        {
            try
            {
                _http.Open();
                lock (_lock)
                {
                    _connecting = false;
                    _opened = true;
                }

                _wake.Set();
                while (AwaitRequest())
                    Exchange();
            }
            catch (Exception e)
            {
                Close("http: " + e.Message);
            }

            lock (_lock)
                _connecting = false;
            _http.Close();
            _wake.Set();
        }

        /// <summary>False when this connection is over.</summary>
        private bool AwaitRequest()
        {
            while (true)
            {
                lock (_lock)
                {
                    if (_closed)
                        return false;
                    if (_underWay)
                        return true;
                }

                _board.Clock.Wait(_work, Timeout.Infinite);
            }
        }

        private void Exchange()
        {
            try
            {
                if (!_http.IsUsable)
                    _http.Reopen();
                Request();
            }
            catch (Exception) when (WasHurried())
            {
                // Nobody waits for that answer any more. The next request goes over a new connection.
                _http.Close();
            }

            lock (_lock)
            {
                for (int i = 0; i < _bodyCount; i++)
                    _body[i] = null;
                _underWay = false;
            }

            _wake.Set();
        }

        private void Request()
        {
            // Asked after the connection is there: whoever hurries from here on closes that.
            int wait = WasHurried() ? 0 : _waitSeconds;
            bool polls = _settings.Transport == Transport.Polling;
            int every = polls ? (_settings.PollIntervalMs + 999) / 1000 : 0;
            _http.SendMessages(wait, every, _body, _bodyCount);
            _http.ReadHead(wait * 1000 + _settings.Timings.AnswerMs);
            if (_http.Status != 200 || !_http.IsMessages)
            {
                lock (_lock)
                    _retryAfterMs = _http.RetryAfterSeconds * 1000L;
                string reason = _http.ReadText(new byte[LongestReasonBytes]);
                throw new InvalidOperationException(_http.StatusLine + " " + reason);
            }

            for (int length = ReadLength(); length > 0; length = ReadLength())
                TakeMessage(length);
        }

        private void TakeMessage(int length)
        {
            if (length > ProtocolLimits.MessageBytes)
                throw new InvalidOperationException("the gateway sent " + length + " bytes, this device takes 4096");

            byte[] message = new byte[length];
            int read = 0;
            while (read < length)
            {
                int part = _http.Read(message, read, length - read);
                if (part == 0)
                    throw new InvalidOperationException("the answer ends inside a message");
                read += part;
            }

            while (!Inbox.TryKeep(message, _board.Clock.SinceBootMs()) && Open)
            {
                _wake.Set();
                _board.Clock.Rest(InboxFullMs);
            }
        }

        /// <summary>A varint of the answer; 0 at its end.</summary>
        private int ReadLength()
        {
            int length = 0;
            for (int shift = 0; _http.Read(_one, 0, 1) > 0; shift += 7)
            {
                length |= (_one[0] & 0x7F) << shift;
                if (_one[0] < 0x80 && length > 0)
                    return length;
                if (_one[0] < 0x80 || shift > 14)
                    throw new InvalidOperationException("the answer holds something that is no message");
            }

            if (length > 0)
                throw new InvalidOperationException("the answer ends inside a message");
            return 0;
        }

        private bool WasHurried()
        {
            lock (_lock)
                return _hurried;
        }
    }
}
