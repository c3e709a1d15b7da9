using System;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private int StepWaiting(long now)
        {
            if (now < _resumeAtMs)
                return (int)(_resumeAtMs - now);

            if (_choice.Asks(now))
                _connection = new HttpConnection(_settings, _board, _wake);
            else
                _connection = new WebSocketConnection(_settings, _board, _doctor, _wake);
            _connection.Begin();
            Enter(LinkState.Connecting, now);
            return _timings.ConnectMs;
        }

        private int StepConnecting(long now)
        {
            if (_connection.Connecting)
            {
                long left = _timings.ConnectMs - (now - _stateSinceMs);
                if (left > 0)
                    return (int)left;

                if (++_hungConnects >= LinkCures.HungConnectsBeforeReboot)
                    Reboot(); // cure 6
                return Lose(now, "connect hangs");
            }

            if (!_connection.Open)
            {
                _counters.ConnectFailures++;
                return Lose(now, _connection.Failure);
            }

            _hungConnects = 0;
            WriteHello();
            if (_connection.Asks)
                _connection.Ask(_scratch.ToArray(), 0);
            else
                SendScratch();
            Enter(LinkState.Greeting, now);
            return 0;
        }

        private int StepTalking(long now)
        {
            // Looked at first: when it is not busy, all of an answer is in the inbox.
            int busy = _connection.BusyMs(now);
            string fault = Receive();
            if (fault != null)
                return Lose(now, fault);
            if (!_connection.Open)
                return Lose(now, _connection.Failure);
            if (busy > 0)
                return busy;

            if (State == LinkState.Greeting)
            {
                long left = _connection.Asks ? 0 : _timings.WelcomeMs - (now - _stateSinceMs);
                return left > 0 ? (int)left : Lose(now, "no WELCOME");
            }

            if (_leaveAtMs != 0)
                return now < _leaveAtMs ? (int)(_leaveAtMs - now) : Lose(now, "the gateway is going away");

            if (_connection.Asks)
                return StepAsking(now);
            bool changes = _choice.Asks(now);
            if (changes && _outbox.InFlight() == 0)
                return Change(now);
            if (!changes)
            {
                SendLogs();
                SendTelemetry(now);
            }

            if (_outbox.InFlight() == 0)
                return int.MaxValue;

            long untilStalled = _timings.StallMs - (now - _progressMs);
            if (untilStalled > 0)
                return (int)untilStalled;

            _counters.LinksStalled++;
            return Lose(now, "no ACK in time");
        }

        private int StepResting(long now)
        {
            if (now < _resumeAtMs)
                return (int)(_resumeAtMs - now);

            // Cure 11: the old socket's finalizer must run before the new socket gets its number.
            nanoFramework.Runtime.Native.GC.Run(false);
            GC.WaitForPendingFinalizers();
            long wait = _changing ? 0 : _backoff.NextMs(_retryAfterMs);
            _retryAfterMs = 0;
            _changing = false;
            _resumeAtMs = now + (wait > _timings.RestAfterCollectMs ? wait : _timings.RestAfterCollectMs);
            Enter(LinkState.Waiting, now);
            return (int)(_resumeAtMs - now);
        }

        /// <summary>The link is over, for whatever reason: what was sent on it counts as unsent.</summary>
        private int Lose(long now, string why)
        {
            _log.Write(LogLevel.Warning, "link", why);
            if (State != LinkState.Connecting)
                _counters.LinksLost++;
            if (_connection.SawFragment)
                _counters.FragmentsRefused++;
            if (State != LinkState.Open)
                _choice.Failed(_connection, now);
            if (_connection.RetryAfterMs > _retryAfterMs)
                _retryAfterMs = Capped(_connection.RetryAfterMs);
            EndConnection(now);
            // A network stack that has got into a state it never leaves. What waits is in flash first, and so lost is nothing.
            if (++_failures >= _timings.FailuresBeforeReboot)
            {
                _board.Log("link: " + _failures + " failures in a row; rebooting");
                Reboot();
            }

            return _timings.RestBeforeCollectMs;
        }

        private void EndConnection(long now)
        {
            _connection.End();
            _connection = null;
            _outbox.LinkLost();
            _leaveAtMs = 0;
            _resumeAtMs = now + _timings.RestBeforeCollectMs;
            Enter(LinkState.Resting, now);
        }
    }
}
