using System;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    /// <summary>
    /// Which way the next link goes. By itself a device takes the WebSocket; where that fails three times in a row although the
    /// gateway, asked each time, has nothing against it, something in between breaks it, and the device goes by long polling.
    ///
    /// The WebSocket is tried again after ten minutes, for it may have been a proxy that was only being restarted, and then at
    /// twice that each time, up to two hours: a proxy is mended by a person, and no rows wait meanwhile. A try costs a handshake
    /// and a few seconds in which no command comes. Long polling that does not open either, three times in a row, ends the
    /// detour at once: it is another network by now, or a gateway that knows no requests. A reboot begins anew.
    ///
    /// What a setting has chosen is kept to, whatever happens, once it has brought a link. Until then eight failures, a minute or
    /// so, bring back what was before: a wish must not cut a device off from whoever could take it back. Auto finds a way by
    /// itself.
    /// </summary>
    internal sealed class TransportChoice
    {
        private const int FailuresOfTheDetour = 3;
        private const int FailuresOfAWish = 8;

        // Of ten minutes: two hours.
        private const int MostTimesTheFirst = 12;

        private readonly DeviceSettings _settings;
        private readonly LinkTimings _timings;
        private readonly Random _random;
        private readonly DeviceLog _log;
        private bool _detour;
        private int _failures;
        private long _tryAtMs;
        private long _tryEveryMs;

        public TransportChoice(DeviceSettings settings, Random random, DeviceLog log)
        {
            _settings = settings;
            _timings = settings.Timings;
            _random = random;
            _log = log;
        }

        /// <summary>Whether messages are to go by requests now, and not over a WebSocket.</summary>
        public bool Asks(long now)
        {
            if (_settings.Transport == Transport.Auto)
                return _detour && now < _tryAtMs;
            return _settings.Transport != Transport.WebSocket;
        }

        /// <summary>WELCOME has come.</summary>
        public void Opened(IConnection connection)
        {
            _failures = 0;
            _settings.ProvenTransport = _settings.Transport;
            if (!_detour || connection.Asks)
                return;

            _detour = false;
            _log.Write(LogLevel.Information, "link", "the WebSocket comes through again");
        }

        /// <summary>It ended before WELCOME.</summary>
        public void Failed(IConnection connection, long now)
        {
            if (_settings.Transport != Transport.Auto)
                WishFailed();
            else if (connection.Asks)
                DetourFailed();
            else if (_detour)
                TryAgain(now, _tryEveryMs * 2);
            else if (connection.HandshakeBroken)
                TakeDetour(now);
        }

        private void WishFailed()
        {
            if (_settings.Transport == _settings.ProvenTransport || ++_failures < FailuresOfAWish)
                return;

            _failures = 0;
            _settings.FailedTransport = _settings.Transport;
            _settings.Transport = _settings.ProvenTransport;
            string was = Transport.Name((byte)_settings.FailedTransport);
            string now = Transport.Name(_settings.Transport);
            _log.Write(
                LogLevel.Error,
                "link",
                "no link came about by " + was + ", which was wished for: back to " + now
            );
        }

        private void TakeDetour(long now)
        {
            _detour = true;
            _failures = 0;
            _log.Write(
                LogLevel.Warning,
                "link",
                "something between here and the gateway breaks WebSockets: long polling from here on"
            );
            TryAgain(now, _timings.WebSocketAgainMs);
        }

        private void DetourFailed()
        {
            if (++_failures < FailuresOfTheDetour)
                return;

            _detour = false;
            _log.Write(LogLevel.Warning, "link", "long polling does not come through either: back to the WebSocket");
        }

        /// <summary>Up to a quarter sooner or later: a thousand boards behind one proxy must not come in step.</summary>
        private void TryAgain(long now, long everyMs)
        {
            long most = (long)_timings.WebSocketAgainMs * MostTimesTheFirst;
            _tryEveryMs = everyMs < most ? everyMs : most;
            _tryAtMs = now + _tryEveryMs * 3 / 4 + _random.Next((int)(_tryEveryMs / 2) + 1);
            _log.Write(
                LogLevel.Information,
                "link",
                "the WebSocket is tried again in " + (_tryAtMs - now + 30000) / 60000 + " minutes"
            );
        }
    }
}
