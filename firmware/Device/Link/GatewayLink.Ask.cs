namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private long _askedAtMs;
        private bool _changing;
        private bool _hurries;

        /// <summary>Before an orderly end: no answer is waited for that is only held.</summary>
        public void Hurry()
        {
            _hurries = true;
            if (State == LinkState.Open)
                _connection.Hurry();
        }

        /// <summary>The last answer is in. What there is goes into the next request, and so does the question for commands.</summary>
        private int StepAsking(long now)
        {
            if (_outbox.InFlight() > 0)
                return Lose(now, "the gateway's answer settles not all that was asked");
            if (!_choice.Asks(now))
                return Change(now);

            // Each request stands for itself, and its HELLO names the present catalog.
            _catalogInForce = _identity.CatalogHash;
            SendLogs();
            SendTelemetry(now);
            bool holds = _settings.Transport != Transport.Polling;
            int waitSeconds = holds && !_hurries ? LongestWait(now) : 0;
            if (!_connection.HasUnasked && waitSeconds == 0)
            {
                long left = _askedAtMs + (holds ? _timings.LeastAskMs : _settings.PollIntervalMs) - now;
                if (left > 0)
                    return (int)left;
            }

            WriteHello();
            _connection.Ask(_scratch.ToArray(), waitSeconds);
            _askedAtMs = now;
            return _connection.BusyMs(now);
        }

        /// <summary>
        /// Seconds for which an answer may be held: no longer than until the next message is sealed, for there is one request at a
        /// time. Where a change is to be sent at once it waits for the end of that time: then it is short.
        /// </summary>
        private int LongestWait(long now)
        {
            long seconds = _sampler.UntilSealMs(now) / 1000;
            int most = _sampler.Watches ? _timings.LongPollSecondsWatching : _timings.LongPollSeconds;
            return seconds < most ? (int)seconds : most;
        }

        /// <summary>The other way is to be taken. Nothing is on its way, and so nothing is lost.</summary>
        private int Change(long now)
        {
            _changing = true;
            EndConnection(now);
            return _timings.RestBeforeCollectMs;
        }

        private bool IsBusy()
        {
            return _connection.BusyMs(_board.Clock.SinceBootMs()) > 0;
        }

        /// <summary>A request with what has been said last, BYE among it.</summary>
        private void AskFarewell()
        {
            if (!_connection.Asks)
                return;

            _connection.Hurry();
            AwaitFarewell();
            if (!_connection.Open || IsBusy())
                return;

            WriteHello();
            _connection.Ask(_scratch.ToArray(), 0);
        }
    }
}
