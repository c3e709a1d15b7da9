using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private string _lastReport;
        private int _window = 1;
        private long _progressMs;

        private void SendHello()
        {
            IClock clock = _board.Clock;
            bool set = clock.IsSet;
            DeviceMessages.Hello(
                _scratch,
                _identity.Epoch,
                set ? ClockFlag.Unix : ClockFlag.SinceBoot,
                set ? clock.UnixMs() : clock.SinceBootMs(),
                _identity.CatalogHash,
                _identity.Firmware,
                _board.Name,
                _board.ResetReason
            );
            SendScratch();
        }

        private void SendCatalog()
        {
            _scratch.Clear();
            _scratch.Bytes(_identity.Catalog, 0, _identity.Catalog.Length);
            SendScratch();
        }

        private void SendReport()
        {
            string report = _desired.ReportedJson();
            if (report == _lastReport)
                return;

            _lastReport = report;
            DeviceMessages.Reported(_scratch, _desired.Version, report);
            SendScratch();
        }

        /// <summary>
        /// Oldest first, as many as the window takes. After a reconnect this resends: what was sent on the link before
        /// counts as unsent, and WELCOME has already taken away what the gateway has.
        /// </summary>
        private void SendTelemetry(long now)
        {
            while (_outbox.HasUnsent && _outbox.InFlight() < _window && _connection.Open)
            {
                // A gap is told before the rows behind it.
                SendGaps();
                OutboxEntry entry;
                byte[] message = _outbox.TakeNextToSend(out entry);
                if (message == null)
                    return;

                // The stall timer runs from the first message that waits, not from the last idle hour.
                if (_outbox.InFlight() == 1)
                    _progressMs = now;
                _connection.Send(message);
                _counters.MessagesSent++;
                if (entry.Epoch == _identity.Epoch)
                    _outbox.Gaps.TelemetrySent(entry.Sequence);
            }
        }

        private void SendGaps()
        {
            for (Gap gap = _outbox.Gaps.Unsent(); gap != null; gap = _outbox.Gaps.Unsent())
            {
                DeviceMessages.Gap(_scratch, gap.Epoch, gap.Clock, gap.FromMs, gap.ToMs, gap.Rows);
                SendScratch();
                gap.Sent = true;
            }
        }

        private void SendScratch()
        {
            // A message that does not fit is our own mistake in a text's length; half of it would be worse than none.
            if (_scratch.Overflowed)
                _board.Log("link: a message over " + ProtocolLimits.MessageBytes + " bytes was not sent");
            else
                _connection.Send(_scratch.ToArray());
        }
    }
}
