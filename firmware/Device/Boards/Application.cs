using System;
using System.Threading;
using IoTGateway.Device.Commands;
using IoTGateway.Device.Link;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Boards
{
    /// <summary>One boot: everything is built once, then one thread samples and talks until it is told to stop.</summary>
    internal sealed class Application
    {
        public const string FirmwareVersion = "0.1.0";

        private readonly IBoard _board;
        private readonly DeviceSettings _settings;
        private readonly AutoResetEvent _wake = new AutoResetEvent(false);
        private readonly Sampler _sampler;
        private readonly GatewayLink _link;
        private readonly IdentifyCommand _identify;
        private readonly Outbox _outbox;
        private readonly Batch _batch;
        private bool _stopping;

        public Application(IBoard board, DeviceSettings settings)
        {
            _board = board;
            _settings = settings;
            Counters = board.Counters;
            EpochCounter epochs = new EpochCounter(board, settings.FirstEpoch);
            Epoch = epochs.Increment();
            WireWriter scratch = new WireWriter(ProtocolLimits.MessageBytes);
            Spool spool = new Spool(board, Counters, settings, Epoch);
            _outbox = new Outbox(settings.OutboxBytes, settings.OutboxMessages, Counters, spool);
            _batch = new Batch(board, settings.RowsPerMessage, Epoch, _outbox, scratch);
            SendOnChange changes = new SendOnChange(board.Sensors);
            _sampler = new Sampler(board, _batch, settings, Counters, changes);
            _identify = new IdentifyCommand(board.Led, board.Clock);
            ICommandHandler[] handlers = new ICommandHandler[]
            {
                new LedCommand(board.Led),
                new IntervalCommand(settings, _sampler),
                new ReadNowCommand(_sampler),
                _identify,
                new LogLevelCommand(settings),
                new RebootCommand(),
            };
            CatalogWriter.Write(scratch, board.Sensors, handlers);
            Composition.Check(board.Sensors, scratch);
            DeviceIdentity identity = new DeviceIdentity(Epoch, FirmwareVersion, scratch.ToArray());
            spool.Describe(identity);
            CommandRunner commands = new CommandRunner(handlers, board, Counters);
            DesiredSettings desired = new DesiredSettings(settings, _sampler, changes, board, Counters);
            DeviceLog log = new DeviceLog(board, settings, Counters);
            if (Counters.SpillFilesDamaged > 0)
                log.Write(LogLevel.Error, "spill", Counters.SpillFilesDamaged + " files of rows in flash were damaged");
            _link = new GatewayLink(
                settings,
                board,
                identity,
                _outbox,
                _batch,
                _sampler,
                commands,
                desired,
                epochs,
                log,
                Counters,
                scratch,
                _wake
            );
        }

        public Counters Counters { get; private set; }

        public uint Epoch { get; private set; }

        /// <summary>What turns this boot's times since boot into Unix time; 0 while nobody knows.</summary>
        public long UnixMsAtBoot
        {
            get { return _outbox.RowClock.UnixMsAtBoot; }
        }

        /// <summary>Rows that were dropped and that nobody would hear of if the power went now.</summary>
        public long GapRowsInRam
        {
            get { return _outbox.Gaps.UnsavedRows; }
        }

        public bool LinkIsOpen
        {
            get { return _link.State == LinkState.Open; }
        }

        /// <summary>For whoever keeps count of what a power cut cost.</summary>
        public void TellUnsealed()
        {
            _batch.TellUnsealed();
        }

        /// <summary>Until <see cref="Stop"/>; on a board, for ever.</summary>
        public void Run()
        {
            while (!_stopping)
            {
                int untilSample = _sampler.Step();
                int untilLink = _link.Step();
                int untilSpill = _outbox.StepSpill(_settings.SpillAfterMs);
                int untilBlink = _identify.Step();
                int wait = untilSample < untilLink ? untilSample : untilLink;
                wait = untilSpill < wait ? untilSpill : wait;
                _board.Clock.Wait(_wake, untilBlink < wait ? untilBlink : wait);
            }

            Drain();
            _outbox.SpillForEnd();
            _link.Leave(ByeReason.Shutdown, 0);
        }

        /// <summary>From any thread: the last rows are sealed and given a few seconds to be acknowledged, then BYE.</summary>
        public void Stop()
        {
            _stopping = true;
            _wake.Set();
        }

        private void Drain()
        {
            _sampler.Seal();
            _link.Hurry();
            long until = _board.Clock.SinceBootMs() + _settings.Timings.DrainMs;
            while (!_link.Drained)
            {
                int untilLink = _link.Step();
                long left = until - _board.Clock.SinceBootMs();
                if (left <= 0)
                    return;
                if (!_link.Drained)
                    _board.Clock.Wait(_wake, (int)(left < untilLink ? left : untilLink));
            }
        }
    }
}
