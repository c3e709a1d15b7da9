using IoTGateway.Device.Commands;
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

            if (!_board.Clock.IsSet && _settings.TakesTimeFromGateway)
                _board.Clock.Set(_welcome.NowMs);
            _window = _welcome.Window < 1 ? 1 : _welcome.Window;
            if (_window > ProtocolLimits.Window)
                _window = ProtocolLimits.Window;
            _counters.LinksOpened++;
            _progressMs = arrivedMs;
            _catalogInForce = _identity.CatalogHash;
            if (_outbox.Acknowledge(_identity.Epoch, _welcome.LastSequence))
                _backoff.Succeeded();
            if (_welcome.WantsCatalog)
                SendCatalog();
            _lastReport = null;
            SendReport();
            SendLogs();
            _doctor.Recovered();
            Enter(LinkState.Open, arrivedMs);
            return true;
        }

        private bool TakeNext(byte type, long arrivedMs)
        {
            switch (type)
            {
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

        private bool TakeCommand(long arrivedMs)
        {
            Command command = new Command();
            if (!command.TryRead(_reader))
                return false;

            CommandAnswer answer = _commands.Run(command, arrivedMs);
            DeviceMessages.CommandResult(_scratch, command.Id, answer.Outcome, answer.Json);
            SendScratch();
            _desired.Save();
            SendReport();
            _log.Write(LogLevel.Information, "command", command.Name + ": outcome " + answer.Outcome);
            if (answer.Reboots)
                Reboot();
            return true;
        }

        private bool TakeDesired()
        {
            Desired desired = new Desired();
            if (!desired.TryRead(_reader))
                return false;

            _desired.Apply(desired);
            _lastReport = null;
            SendReport();
            return true;
        }

        private bool TakeRetryAfter(long arrivedMs)
        {
            if (!_goingAway.TryRead(_reader))
                return false;

            // ACKs may still come for what is on its way; nothing new is sent.
            _retryAfterMs = _goingAway.Milliseconds;
            if (_retryAfterMs > _timings.RetryAfterCapMs)
                _retryAfterMs = _timings.RetryAfterCapMs;
            _leaveAtMs = arrivedMs + _timings.LeaveMs;
            return true;
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
            uint renamed = _epochs.SkipTo(_welcome.NowMs);
            _batch.Seal();
            _outbox.Rename(_identity.Epoch, renamed);
            _outbox.SpillForEnd();
            _board.Reboot();
            return true;
        }
    }
}
