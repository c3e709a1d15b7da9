using System;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// What the receive thread hands to the device's thread. Sixteen messages: more than the gateway ever has on its way
    /// to us on a WebSocket. When it is full that link is ended, which the protocol repairs; a lost COMMAND it would not. An
    /// answer of HTTP is read on when there is room again.
    /// </summary>
    internal sealed class Inbox
    {
        private readonly object _lock = new object();
        private readonly byte[][] _messages = new byte[16][];
        private readonly long[] _arrivedMs = new long[16];
        private int _head;
        private int _count;

        public bool TryPut(byte[] buffer, int length, long nowMs)
        {
            // The buffer belongs to the client's receive loop, which fills it again.
            byte[] copy = new byte[length];
            Array.Copy(buffer, 0, copy, 0, length);
            return TryKeep(copy, nowMs);
        }

        /// <summary>The message itself, which is nobody else's.</summary>
        public bool TryKeep(byte[] message, long nowMs)
        {
            lock (_lock)
            {
                if (_count == _messages.Length)
                    return false;

                int at = (_head + _count) % _messages.Length;
                _messages[at] = message;
                _arrivedMs[at] = nowMs;
                _count++;
                return true;
            }
        }

        /// <summary>Null when empty.</summary>
        public byte[] Take(out long arrivedMs)
        {
            lock (_lock)
            {
                arrivedMs = 0;
                if (_count == 0)
                    return null;

                byte[] message = _messages[_head];
                arrivedMs = _arrivedMs[_head];
                _messages[_head] = null;
                _head = (_head + 1) % _messages.Length;
                _count--;
                return message;
            }
        }
    }
}
