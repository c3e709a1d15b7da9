using System;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// One request at a time to the gateway over one kept connection: as much of HTTP/1.1 (RFC 9112) as the doctor and the
    /// HTTP transport need. Its buffers are allocated once; a request allocates nothing. Writing and reading are in the files
    /// beside. It throws what the platform throws; whoever asks decides what a failure means.
    /// </summary>
    internal sealed partial class HttpExchange
    {
        private const int ConnectTimeoutMs = 10000;

        private readonly DeviceSettings _settings;
        private readonly IBoard _board;
        private readonly bool _secure;
        private readonly string _host;
        private readonly int _port;
        private Socket _socket;
        private NetworkStream _stream;
        private bool _fresh;

        public HttpExchange(DeviceSettings settings, IBoard board)
        {
            _settings = settings;
            _board = board;
            // wss: / (nothing) / host:port / path
            string[] parts = settings.Gateway.Split('/');
            string[] authority = parts[2].Split(':');
            _secure = parts[0] == "wss:";
            _host = authority[0];
            _port = authority.Length > 1 ? int.Parse(authority[1]) : (_secure ? 443 : 80);
            _common = Encoding.UTF8.GetBytes(
                " HTTP/1.1\r\nHost: " + parts[2] + "\r\nAuthorization: Bearer " + settings.Token + "\r\n"
            );
        }

        /// <summary>
        /// Whether the connection of the request before can carry the next. One that is readable before anything was asked has
        /// only its end to tell.
        /// </summary>
        public bool IsUsable
        {
            get
            {
                Socket socket = _socket;
                return socket != null && _keeps && (_fresh || !socket.Poll(0, SelectMode.SelectRead));
            }
        }

        /// <summary>Blocks; on wss, in the handshake, the whole interpreter (cure 6).</summary>
        public void Open()
        {
            Socket socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            // Known before it connects, so that Close ends a connect that hangs.
            _socket = socket;
            socket.ReceiveTimeout = ConnectTimeoutMs;
            socket.SendTimeout = ConnectTimeoutMs;
            socket.Connect(new IPEndPoint(Resolve(_host), _port));
            _stream = _secure ? Secure(socket) : new NetworkStream(socket, true);
            _keeps = true;
            _fresh = true;
            _read = 0;
            _filled = 0;
        }

        /// <summary>Behind a connection that is over. Cure 11 holds for this TLS as well.</summary>
        public void Reopen()
        {
            Close();
            _board.Clock.Rest(_settings.Timings.RestBeforeCollectMs);
            nanoFramework.Runtime.Native.GC.Run(false);
            GC.WaitForPendingFinalizers();
            _board.Clock.Rest(_settings.Timings.RestAfterCollectMs);
            Open();
        }

        /// <summary>From any thread, any number of times: what reads there ends with an exception.</summary>
        public void Close()
        {
            Socket socket = _socket;
            _socket = null;
            if (socket == null)
                return;

            try
            {
                socket.Close();
            }
            catch (Exception)
            {
                // It is gone, which is all that was wanted.
            }
        }

        private NetworkStream Secure(Socket socket)
        {
            SslStream stream = new SslStream(socket);
            stream.SslVerification = SslVerification.CertificateRequired;
            stream.AuthenticateAsClient(_host, null, new X509Certificate(_settings.CaPem), SslProtocols.Tls12);
            return stream;
        }

        private static IPAddress Resolve(string host)
        {
            IPAddress[] addresses = Dns.GetHostEntry(host).AddressList;
            for (int i = 0; i < addresses.Length; i++)
            {
                if (addresses[i].AddressFamily == AddressFamily.InterNetwork)
                    return addresses[i];
            }

            throw new InvalidOperationException(host + " has no IPv4 address");
        }
    }
}
