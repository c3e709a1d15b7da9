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
    /// Asks the gateway why it would not shake hands (cure 4): the stock client throws the status away, and GET /v1/doctor
    /// says what the handshake would be answered and why. One request over a socket of its own, answered into a fixed buffer.
    /// </summary>
    internal sealed class Doctor
    {
        // A gateway that refuses a thousand boards must not be asked a thousand times a second why.
        private const int AskEvery = 10;
        private const int TimeoutMs = 5000;
        private const int AnswerBytes = 1024;

        private readonly DeviceSettings _settings;
        private readonly IBoard _board;
        private int _failures;

        public Doctor(DeviceSettings settings, IBoard board)
        {
            _settings = settings;
            _board = board;
        }

        /// <summary>" (the doctor says …)", or nothing. Never throws: it is called where another failure is being told.</summary>
        public string Ask()
        {
            if (_failures++ % AskEvery != 0)
                return "";

            try
            {
                RestSockets();
                return " (the doctor says: " + Request() + ")";
            }
            catch (Exception e)
            {
                return " (the doctor cannot be asked: " + e.Message + ")";
            }
        }

        /// <summary>A link has opened: the next failure is a new one.</summary>
        public void Recovered()
        {
            _failures = 0;
        }

        // This is a TLS connection right behind another one that failed: cure 11 holds for it too.
        private void RestSockets()
        {
            _board.Clock.Rest(_settings.Timings.RestBeforeCollectMs);
            nanoFramework.Runtime.Native.GC.Run(false);
            System.GC.WaitForPendingFinalizers();
            _board.Clock.Rest(_settings.Timings.RestAfterCollectMs);
        }

        private string Request()
        {
            // wss: / (nothing) / host:port / path
            string[] parts = _settings.Gateway.Split('/');
            bool secure = parts[0] == "wss:";
            string[] authority = parts[2].Split(':');
            int port = authority.Length > 1 ? int.Parse(authority[1]) : (secure ? 443 : 80);
            Socket socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.ReceiveTimeout = TimeoutMs;
                socket.SendTimeout = TimeoutMs;
                socket.Connect(new IPEndPoint(Resolve(authority[0]), port));
                NetworkStream stream = secure ? Secure(socket, authority[0]) : new NetworkStream(socket, true);
                // HTTP/1.0: the answer ends where the connection does, and never comes in chunks.
                byte[] request = Encoding.UTF8.GetBytes(
                    "GET /v1/doctor HTTP/1.0\r\nHost: "
                        + parts[2]
                        + "\r\nAuthorization: Bearer "
                        + _settings.Token
                        + "\r\n\r\n"
                );
                stream.Write(request, 0, request.Length);
                return Answer(stream);
            }
            finally
            {
                socket.Close();
            }
        }

        private NetworkStream Secure(Socket socket, string host)
        {
            SslStream stream = new SslStream(socket);
            stream.SslVerification = SslVerification.CertificateRequired;
            stream.AuthenticateAsClient(host, null, new X509Certificate(_settings.CaPem), SslProtocols.Tls12);
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

        /// <summary>The status and what follows the headers, as far as the buffer reaches.</summary>
        private static string Answer(NetworkStream stream)
        {
            byte[] buffer = new byte[AnswerBytes];
            int length = 0;
            int read = 1;
            while (read > 0 && length < buffer.Length)
            {
                read = stream.Read(buffer, length, buffer.Length - length);
                length += read; // a read of 0 bytes is a close
            }

            string answer = Encoding.UTF8.GetString(buffer, 0, length);
            int lineEnd = answer.IndexOf("\r\n");
            int headersEnd = answer.IndexOf("\r\n\r\n");
            if (lineEnd < 0 || headersEnd < 0)
                return "nothing that is HTTP";
            return answer.Substring(0, lineEnd) + " " + answer.Substring(headersEnd + 4);
        }
    }
}
