using System.Threading;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Commands;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Link
{
    internal enum LinkState
    {
        /// <summary>Until the backoff has passed.</summary>
        Waiting,
        Connecting,

        /// <summary>HELLO is out, WELCOME is awaited.</summary>
        Greeting,
        Open,

        /// <summary>The first rest of cure 11.</summary>
        Resting,
    }

    /// <summary>
    /// The link to the gateway as a state machine: each step does what can be done now and says when it wants to be called
    /// again. It never blocks, so sampling goes on through every outage. Sending and receiving are in the files beside.
    /// </summary>
    internal sealed partial class GatewayLink
    {
        private readonly DeviceSettings _settings;
        private readonly LinkTimings _timings;
        private readonly IBoard _board;
        private readonly DeviceIdentity _identity;
        private readonly Outbox _outbox;
        private readonly Batch _batch;
        private readonly CommandRunner _commands;
        private readonly DesiredSettings _desired;
        private readonly EpochCounter _epochs;
        private readonly DeviceLog _log;
        private readonly Counters _counters;
        private readonly WireWriter _scratch;
        private readonly AutoResetEvent _wake;
        private readonly Backoff _backoff;
        private readonly Doctor _doctor;
        private readonly TransportChoice _choice;
        private readonly Sampler _sampler;
        private IConnection _connection;
        private long _stateSinceMs;
        private long _resumeAtMs;
        private long _retryAfterMs;
        private int _hungConnects;
        private int _failures;

        public GatewayLink(
            DeviceSettings settings,
            IBoard board,
            DeviceIdentity identity,
            Outbox outbox,
            Batch batch,
            Sampler sampler,
            CommandRunner commands,
            DesiredSettings desired,
            EpochCounter epochs,
            DeviceLog log,
            Counters counters,
            WireWriter scratch,
            AutoResetEvent wake
        )
        {
            _settings = settings;
            _timings = settings.Timings;
            _board = board;
            _identity = identity;
            _outbox = outbox;
            _batch = batch;
            _sampler = sampler;
            _commands = commands;
            _desired = desired;
            _epochs = epochs;
            _log = log;
            _counters = counters;
            _scratch = scratch;
            _wake = wake;
            _backoff = new Backoff(board.Random, settings.Timings);
            _doctor = new Doctor(settings, board);
            _choice = new TransportChoice(settings, board.Random, log);
        }

        public LinkState State { get; private set; }

        /// <summary>Does what can be done now. Milliseconds until it wants to be called again, unless woken before.</summary>
        public int Step()
        {
            long now = _board.Clock.SinceBootMs();
            switch (State)
            {
                case LinkState.Waiting:
                    return StepWaiting(now);
                case LinkState.Connecting:
                    return StepConnecting(now);
                case LinkState.Resting:
                    return StepResting(now);
                default:
                    return StepTalking(now);
            }
        }

        /// <summary>An orderly end: BYE, then Abort (cure 7).</summary>
        public void Leave(byte reason, uint expectedBackSeconds)
        {
            if (State == LinkState.Open)
            {
                DeviceMessages.Bye(_scratch, reason, expectedBackSeconds);
                SendScratch();
                AskFarewell();
                AwaitFarewell();
            }

            if (_connection != null)
                _connection.End();
            _connection = null;
            Enter(LinkState.Waiting, _board.Clock.SinceBootMs());
        }

        /// <summary>Nothing is left that this link could still deliver.</summary>
        public bool Drained
        {
            get { return State != LinkState.Open || _outbox.IsEmpty; }
        }

        /// <summary>Does not return. What waits goes to flash first, and is sent by the next boot.</summary>
        public void Reboot()
        {
            _batch.Seal();
            _outbox.SpillForEnd();
            Leave(ByeReason.Reboot, 0);
            _board.Reboot();
        }

        /// <summary>
        /// The client only queues: Abort at once would overtake the BYE. The gateway closes when it has read it, or answers.
        /// </summary>
        private void AwaitFarewell()
        {
            long until = _board.Clock.SinceBootMs() + _timings.FarewellMs;
            long left = _timings.FarewellMs;
            while (left > 0 && _connection.Open && (!_connection.Asks || IsBusy()))
            {
                _board.Clock.Wait(_wake, (int)left);
                left = until - _board.Clock.SinceBootMs();
            }
        }

        private void Enter(LinkState state, long now)
        {
            State = state;
            _stateSinceMs = now;
        }
    }
}
