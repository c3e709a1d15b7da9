using System;
using System.Net.WebSockets;
using System.Net.WebSockets.WebSocketFrame;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// One attempt at one WebSocket, and what came of it. The stock client is used for one connection only, and everything
    /// it does on its own threads ends in a flag or in the inbox; the numbers are those of <see cref="LinkCures"/>.
    /// </summary>
    internal sealed partial class WebSocketConnection : IConnection
    {
        private readonly object _lock = new object();
        private readonly ClientWebSocket _socket;
        private readonly DeviceSettings _settings;
        private readonly IBoard _board;
        private readonly AutoResetEvent _wake;
        private readonly Doctor _doctor;
        private bool _connecting = true;
        private bool _opened;
        private bool _closed;
        private bool _ended;
        private bool _handshakeBroken;
        private string _failure;

        public WebSocketConnection(DeviceSettings settings, IBoard board, Doctor doctor, AutoResetEvent wake)
        {
            _settings = settings;
            _board = board;
            _doctor = doctor;
            _wake = wake;
            Inbox = new Inbox();
            ClientWebSocketOptions options = new ClientWebSocketOptions();
            options.MaxFragmentSize = LinkCures.MaxFragmentSize; // cure 2
            options.KeepAliveInterval = Milliseconds(settings.Timings.KeepAliveMs); // cure 9
            options.ServerTimeout = Milliseconds(settings.Timings.ServerTimeoutMs);
            if (settings.CaPem != null)
                options.Certificate = new X509Certificate(settings.CaPem);
            _socket = new ClientWebSocket(options);
            _socket.MessageReceived += OnMessage;
            _socket.ConnectionClosed += OnClosed;
        }

        public Inbox Inbox { get; private set; }

        public bool SawFragment { get; private set; }

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

        /// <summary>Why it is not open, for the log.</summary>
        public string Failure
        {
            get
            {
                lock (_lock)
                    return _failure;
            }
        }

        public bool HandshakeBroken
        {
            get
            {
                lock (_lock)
                    return _handshakeBroken;
            }
        }

        public long RetryAfterMs
        {
            get { return 0; }
        }

        public bool Asks
        {
            get { return false; }
        }

        public bool HasUnasked
        {
            get { return false; }
        }

        public void Begin()
        {
            new Thread(Connect).Start(); // cure 6
        }

        public int BusyMs(long now)
        {
            return 0;
        }

        public void Ask(byte[] hello, int waitSeconds) { }

        public void Hurry() { }

        public void Send(byte[] fresh)
        {
            try
            {
                if (!_socket.SendBytes(fresh))
                    Close("the socket takes no more messages");
            }
            catch (Exception e)
            {
                Close("send failed: " + e.Message);
            }
        }

        private static TimeSpan Milliseconds(int milliseconds)
        {
            const long TicksPerMillisecond = 10000;
            return new TimeSpan(milliseconds * TicksPerMillisecond);
        }

        /// <summary>Ends it, whatever state it is in, any number of times.</summary>
        public void End()
        {
            bool abort;
            lock (_lock)
            {
                abort = _opened && !_ended; // cure 5: never what did not open
                _ended = true;
                _closed = true;
            }

            if (abort)
                AbortSocket();
        }
    }
}
