using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private readonly WireReader _reader = new WireReader();
        private readonly Welcome _welcome = new Welcome();
        private readonly Ack _ack = new Ack();
        private readonly Refused _refused = new Refused();
        private readonly RetryAfter _goingAway = new RetryAfter();
        private long _leaveAtMs;

        /// <summary>Takes in all that has come. Null, or why this link cannot go on.</summary>
        private string Receive()
        {
            long arrivedMs;
            byte[] message = _connection.Inbox.Take(out arrivedMs);
            while (message != null)
            {
                _reader.Reset(message, 0, message.Length);
                byte type = _reader.U8();
                bool understood = State == LinkState.Greeting ? TakeFirst(type, arrivedMs) : TakeNext(type, arrivedMs);
                if (!understood)
                {
                    _counters.MalformedMessages++;
                    return "the gateway sent a malformed message of type " + type;
                }

                message = _connection.Inbox.Take(out arrivedMs);
            }

            return null;
        }

        private bool TakeFirst(byte type, long arrivedMs)
        {
            // A draining gateway may say so instead of a welcome.
            if (type == MessageType.RetryAfter)
                return TakeRetryAfter(arrivedMs);
            if (type != MessageType.Welcome || !_welcome.TryRead(_reader))
                return false;

            if (_welcome.LastSequence > _batch.LastSequence && !LeavesUsedEpoch())
                return false;

            _counters.LinksOpened++;
            _progressMs = arrivedMs;
            _catalogInForce = _identity.CatalogHash;
            TakeWelcome();
            _lastReport = null;
            SendReport();
            SendLogs();
            _doctor.Recovered();
            _choice.Opened(_connection);
            _desired.Save();
            Enter(LinkState.Open, arrivedMs);
            return true;
        }

        private void TakeWelcome()
        {
            if (!_board.Clock.IsSet && _settings.TakesTimeFromGateway)
                _board.Clock.Set(_welcome.NowMs);
            _window = _welcome.Window < 1 ? 1 : _welcome.Window;
            if (_window > ProtocolLimits.Window)
                _window = ProtocolLimits.Window;
            if (_outbox.Acknowledge(_identity.Epoch, _welcome.LastSequence))
                _backoff.Succeeded();
            if (_welcome.WantsCatalog)
                SendCatalog();
        }

        /// <summary>Every answer to a request begins with one.</summary>
        private bool TakeWelcomeAgain()
        {
            if (!_connection.Asks || !_welcome.TryRead(_reader))
                return false;

            TakeWelcome();
            return true;
        }

        private bool TakeNext(byte type, long arrivedMs)
        {
            switch (type)
            {
                case MessageType.Welcome:
                    return TakeWelcomeAgain();
                case MessageType.Ack:
                    return TakeAck(arrivedMs);
                case MessageType.Refused:
                    return TakeRefused(arrivedMs);
                case MessageType.Command:
                    return TakeCommand(arrivedMs);
                case MessageType.Desired:
                    return TakeDesired();
                case MessageType.RetryAfter:
                    return TakeRetryAfter(arrivedMs);
                default:
                    return false;
            }
        }

        private bool TakeAck(long arrivedMs)
        {
            if (!_ack.TryRead(_reader))
                return false;

            if (_outbox.Acknowledge(_ack.Epoch, _ack.Sequence))
            {
                _progressMs = arrivedMs;
                _failures = 0;
                _backoff.Succeeded();
            }

            if (_ack.Epoch == _identity.Epoch && _outbox.Gaps.Acknowledged(_ack.Sequence))
                _outbox.SaveGaps();
            return true;
        }

        private bool TakeRefused(long arrivedMs)
        {
            if (!_refused.TryRead(_reader))
                return false;

            if (_outbox.Refuse(_refused.Epoch, _refused.Sequence))
            {
                _progressMs = arrivedMs;
                _log.Write(
                    LogLevel.Error,
                    "link",
                    "message " + _refused.Sequence + " refused for reason " + _refused.Reason
                );
            }

            return true;
        }

        private bool TakeRetryAfter(long arrivedMs)
        {
            if (!_goingAway.TryRead(_reader))
                return false;

            // ACKs may still come for what is on its way; nothing new is sent.
            _retryAfterMs = Capped(_goingAway.Milliseconds);
            // Between requests there is nothing to close.
            _leaveAtMs = _connection.Asks ? arrivedMs : arrivedMs + _timings.LeaveMs;
            return true;
        }

        private long Capped(long retryAfterMs)
        {
            return retryAfterMs < _timings.RetryAfterCapMs ? retryAfterMs : _timings.RetryAfterCapMs;
        }

        /// <summary>
        /// The gateway holds messages of this epoch that we did not write: the counter was lost with the flash, and every
        /// row sent under these names would be taken for a repetition and thrown away. A new range, and a new boot into it.
        /// </summary>
        private bool LeavesUsedEpoch()
        {
            // Once. A second time it is the gateway that miscounts, and reboots would only lose rows.
            if (_identity.Epoch >= EpochCounter.SkippedRange)
                return false;

            _board.Log("epoch: " + _identity.Epoch + " was used before; rebooting into a new one");
            uint beyond = EpochCounter.Beyond(_welcome.NowMs);
            _batch.Seal();
            _outbox.Rename(_identity.Epoch, beyond);
            _outbox.SpillForEnd();
            // Last: where the power goes before, the next boot is told the same and renames the rest.
            _epochs.SkipTo(beyond);
            Enter(LinkState.Open, _board.Clock.SinceBootMs()); // after WELCOME it is, and BYE may be said
            Leave(ByeReason.Reboot, 0);
            _board.Reboot();
            return true;
        }
    }
}
