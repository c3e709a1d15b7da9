using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal sealed partial class GatewayLink
    {
        private string _lastReport;
        private int _window = 1;
        private uint _catalogInForce;
        private long _progressMs;

        private void WriteHello()
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
        }

        private void SendCatalog()
        {
            _scratch.Clear();
            _scratch.Bytes(_identity.Catalog, 0, _identity.Catalog.Length);
            SendScratch();
            _catalogInForce = _identity.CatalogHash;
        }

        /// <summary>Rows from before a firmware update go out under the catalog they were sealed with, and then the new one.</summary>
        private void SendCatalogOf(OutboxEntry entry)
        {
            if (entry.CatalogHash == _catalogInForce)
                return;

            if (entry.CatalogHash == _identity.CatalogHash)
            {
                SendCatalog();
                return;
            }

            _connection.Send(_outbox.Catalog(entry.CatalogHash));
            _catalogInForce = entry.CatalogHash;
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

        /// <summary>Best effort: what is lost on the way is on the board's console.</summary>
        private void SendLogs()
        {
            while (_connection.Open && _log.TryTake(_scratch))
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
                SendCatalogOf(entry);
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
                long offset = _outbox.UnixOffset(gap.Epoch, gap.Clock);
                byte clock = offset == 0 ? gap.Clock : ClockFlag.Unix;
                DeviceMessages.Gap(_scratch, gap.Epoch, clock, gap.FromMs + offset, gap.ToMs + offset, gap.Rows);
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
