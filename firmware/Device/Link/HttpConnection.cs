using System;
using System.Threading;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// Requests one behind the other over one kept connection (PROTOCOL.md, HTTP), for networks that break WebSockets. A thread
    /// of its own talks and waits; the device's thread says what goes into the next request, and when. Any failure ends it, and
    /// what it carried counts as unsent, as with a link that is lost.
    /// </summary>
    internal sealed partial class HttpConnection : IConnection
    {
        // The most that a request may have, HELLO included (PROTOCOL.md, HTTP).
        private const int MostMessages = 64;

        private readonly object _lock = new object();
        private readonly DeviceSettings _settings;
        private readonly IBoard _board;
        private readonly AutoResetEvent _wake;
        private readonly AutoResetEvent _work = new AutoResetEvent(false);
        private readonly HttpExchange _http;

        // What the present request carries, and what is being collected for the next; they change places.
        private byte[][] _body = new byte[MostMessages][];
        private byte[][] _next = new byte[MostMessages][];
        private int _bodyCount;

        // The first place is HELLO's.
        private int _nextCount = 1;
        private bool _connecting = true;
        private bool _opened;
        private bool _closed;
        private bool _underWay;
        private bool _hurried;
        private int _waitSeconds;
        private long _deadlineMs;
        private long _retryAfterMs;
        private string _failure;

        public HttpConnection(DeviceSettings settings, IBoard board, AutoResetEvent wake)
        {
            _settings = settings;
            _board = board;
            _wake = wake;
            _http = new HttpExchange(settings, board);
            Inbox = new Inbox();
        }

        public Inbox Inbox { get; private set; }

        public bool Connecting
        {
            get
            {
                lock (_lock)
                    return _connecting;
            }
        }

        public bool Open
        {
            get
            {
                lock (_lock)
                    return _opened && !_closed;
            }
        }

        public string Failure
        {
            get
            {
                lock (_lock)
                    return _failure;
            }
        }

        public long RetryAfterMs
        {
            get
            {
                lock (_lock)
                    return _retryAfterMs;
            }
        }

        public bool HandshakeBroken
        {
            get { return false; }
        }

        public bool SawFragment
        {
            get { return false; }
        }

        public bool Asks
        {
            get { return true; }
        }

        public bool HasUnasked
        {
            get { return _nextCount > 1; }
        }

        public void Begin()
        {
            new Thread(Talk).Start(); // cure 6 holds here as well
        }

        public int BusyMs(long now)
        {
            lock (_lock)
            {
                if (!_underWay || _closed)
                    return 0;
                if (now < _deadlineMs)
                    return (int)(_deadlineMs - now);
            }

            // Its own time limits should have ended the request: the stack hangs.
            Close("http: no answer in time");
            return 0;
        }

        public void Send(byte[] fresh)
        {
            if (_nextCount < MostMessages)
                _next[_nextCount++] = fresh;
            else
                Close("http: more messages than a request takes");
        }

        public void Ask(byte[] hello, int waitSeconds)
        {
            lock (_lock)
            {
                byte[][] sent = _body;
                _body = _next;
                _bodyCount = _nextCount;
                _body[0] = hello;
                _next = sent;
                _nextCount = 1;
                _waitSeconds = waitSeconds;
                _deadlineMs =
                    _board.Clock.SinceBootMs()
                    + waitSeconds * 1000
                    + _settings.Timings.AnswerMs
                    + _settings.Timings.ConnectMs;
                _hurried = false;
                _underWay = true;
            }

            _work.Set();
        }

        public void Hurry()
        {
            lock (_lock)
            {
                // Only HELLO is held: nothing is settled by its answer, and a COMMAND in it would come again.
                if (!_underWay || _bodyCount > 1)
                    return;
                _hurried = true;
            }

            _http.Close();
        }

        public void End()
        {
            Close(null); // nobody asks why
            _http.Close();
            _work.Set();
        }

        private void Close(string why)
        {
            lock (_lock)
            {
                _closed = true;
                if (_failure == null)
                    _failure = why;
            }

            _wake.Set();
        }
    }
}
