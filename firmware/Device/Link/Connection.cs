using System;
using System.Net.WebSockets;
using System.Net.WebSockets.WebSocketFrame;
using System.Security.Cryptography.X509Certificates;
using System.Threading;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// One attempt at one WebSocket, and what came of it. The stock client is used for one connection only, and everything
    /// it does on its own threads ends in a flag or in the inbox; the numbers are those of <see cref="LinkCures"/>.
    /// </summary>
    internal sealed class Connection
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
        private string _failure;

        public Connection(DeviceSettings settings, IBoard board, Doctor doctor, AutoResetEvent wake)
        {
            _settings = settings;
            _board = board;
            _doctor = doctor;
            _wake = wake;
            Inbox = new Inbox();
            ClientWebSocketOptions options = new ClientWebSocketOptions();
            options.MaxFragmentSize = LinkCures.MaxFragmentSize; // cure 2
            options.KeepAliveInterval = new TimeSpan(0, 0, LinkCures.KeepAliveSeconds); // cure 9
            options.ServerTimeout = new TimeSpan(0, 0, LinkCures.ServerTimeoutSeconds);
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

        public void Begin()
        {
            new Thread(Connect).Start(); // cure 6
        }

        /// <summary>The client keeps this array and scribbles on it (cure 1): give it one that nobody needs.</summary>
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

        private void Connect()
        {
            bool open = false;
            string failure = null;
            try
            {
                ClientWebSocketHeaders headers = new ClientWebSocketHeaders();
                headers["Sec-WebSocket-Protocol"] = "iotgw.v1";
                headers["Authorization"] = "Bearer " + _settings.Token;
                _socket.Connect(_settings.Gateway, headers);
                open = _socket.State == WebSocketState.Open; // cure 3
                if (!open)
                    failure = "no connection (port refused, or no CA for this gateway)";
            }
            catch (Exception e)
            {
                failure = e.Message + _doctor.Ask(); // cures 4 and 5
            }

            bool late;
            lock (_lock)
            {
                _connecting = false;
                _opened = open;
                late = open && _ended;
                if (_failure == null)
                    _failure = failure;
            }

            // Given up meanwhile: nobody else will end it.
            if (late)
                AbortSocket();
            _wake.Set();
        }

        private void OnMessage(object sender, MessageReceivedEventArgs e)
        {
            try
            {
                if (e.Frame.IsFragmented) // cure 12
                {
                    SawFragment = true;
                    Close("the gateway fragmented a message");
                }
                else if (e.Frame.MessageType != WebSocketMessageType.Binary)
                    Close("the gateway sent text");
                else if (e.Frame.MessageLength > ProtocolLimits.MessageBytes)
                    Close("the gateway sent " + e.Frame.MessageLength + " bytes, this device takes 4096");
                else if (!Inbox.TryPut(e.Frame.Buffer, e.Frame.MessageLength, _board.Clock.SinceBootMs()))
                    Close("the inbox is full");
                _wake.Set();
            }
            catch (Exception x)
            {
                // On the client's thread, which an exception would end in silence.
                Close("receive failed: " + x.Message);
            }
        }

        private void OnClosed(object sender, EventArgs e)
        {
            Close("the connection closed"); // cure 8
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

        private void AbortSocket()
        {
            try
            {
                _socket.Abort(); // cure 7
            }
            catch (Exception e)
            {
                _board.Log("link: abort: " + e.Message);
            }
        }
    }
}
