using System;
using System.Net.WebSockets;
using System.Net.WebSockets.WebSocketFrame;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class WebSocketConnection
    {
        private void Connect()
        {
            bool open = false;
            bool broken = false;
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
                broken = _doctor.FineInARow >= _settings.Timings.BrokenHandshakesBeforePolling;
            }

            bool late;
            lock (_lock)
            {
                _connecting = false;
                _opened = open;
                _handshakeBroken = broken;
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
