using System.Text;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class HttpExchange
    {
        // What is written at once, and on wss one record. A batch of ten rows and its head fit.
        private const int OutBytes = 768;

        private static readonly byte[] Get = Encoding.UTF8.GetBytes("GET ");
        private static readonly byte[] Post = Encoding.UTF8.GetBytes("POST /v1/messages?wait=");
        private static readonly byte[] Every = Encoding.UTF8.GetBytes("&every=");
        private static readonly byte[] LastRequest = Encoding.UTF8.GetBytes("Connection: close\r\n\r\n");
        private static readonly byte[] Length = Encoding.UTF8.GetBytes(
            "Content-Type: application/vnd.iotgw.v1\r\nContent-Length: "
        );
        private static readonly byte[] HeadEnd = Encoding.UTF8.GetBytes("\r\n\r\n");

        /// <summary>Request target aside, what every head has.</summary>
        private readonly byte[] _common;
        private readonly byte[] _out = new byte[OutBytes];
        private int _pending;

        /// <summary>A request without a body, and the last of its connection.</summary>
        public void SendGet(string path)
        {
            _pending = 0;
            Put(Get, Get.Length);
            byte[] target = Encoding.UTF8.GetBytes(path);
            Put(target, target.Length);
            Put(_common, _common.Length);
            Put(LastRequest, LastRequest.Length);
            FlushOut();
        }

        /// <summary>
        /// Messages, each after its length (PROTOCOL.md, HTTP). <paramref name="everySeconds"/> is left out where it is 0.
        /// </summary>
        public void SendMessages(int waitSeconds, int everySeconds, byte[][] messages, int count)
        {
            _pending = 0;
            Put(Post, Post.Length);
            PutNumber(waitSeconds);
            if (everySeconds > 0)
            {
                Put(Every, Every.Length);
                PutNumber(everySeconds);
            }

            Put(_common, _common.Length);
            Put(Length, Length.Length);
            int bytes = 0;
            for (int i = 0; i < count; i++)
                bytes += WireWriter.VarintBytes(messages[i].Length) + messages[i].Length;
            PutNumber(bytes);
            Put(HeadEnd, HeadEnd.Length);
            for (int i = 0; i < count; i++)
            {
                PutVarint(messages[i].Length);
                Put(messages[i], messages[i].Length);
            }

            FlushOut();
        }

        private void Put(byte[] bytes, int count)
        {
            int from = 0;
            while (from < count)
            {
                if (_pending == _out.Length)
                    FlushOut();
                int part = count - from < _out.Length - _pending ? count - from : _out.Length - _pending;
                System.Array.Copy(bytes, from, _out, _pending, part);
                _pending += part;
                from += part;
            }
        }

        private void PutByte(byte value)
        {
            if (_pending == _out.Length)
                FlushOut();
            _out[_pending++] = value;
        }

        private void PutVarint(int value)
        {
            for (; value >= 0x80; value >>= 7)
                PutByte((byte)(value | 0x80));
            PutByte((byte)value);
        }

        /// <summary>In decimal, and without a string.</summary>
        private void PutNumber(int value)
        {
            int unit = 1;
            while (value / unit >= 10)
                unit *= 10;
            for (; unit > 0; unit /= 10)
                PutByte((byte)('0' + value / unit % 10));
        }

        private void FlushOut()
        {
            _fresh = false;
            _stream.Write(_out, 0, _pending);
            _pending = 0;
        }
    }
}
