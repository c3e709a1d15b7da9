using System.Threading;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Commands;
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
        private readonly Counters _counters;
        private readonly WireWriter _scratch;
        private readonly AutoResetEvent _wake;
        private readonly Backoff _backoff;
        private readonly Doctor _doctor;
        private Connection _connection;
        private long _stateSinceMs;
        private long _resumeAtMs;
        private long _retryAfterMs;
        private int _hungConnects;

        public GatewayLink(
            DeviceSettings settings,
            IBoard board,
            DeviceIdentity identity,
            Outbox outbox,
            Batch batch,
            CommandRunner commands,
            DesiredSettings desired,
            EpochCounter epochs,
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
            _commands = commands;
            _desired = desired;
            _epochs = epochs;
            _counters = counters;
            _scratch = scratch;
            _wake = wake;
            _backoff = new Backoff(board.Random, settings.Timings);
            _doctor = new Doctor(settings, board);
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
            get { return State != LinkState.Open || _outbox.Count == 0; }
        }

        /// <summary>The client only queues: Abort at once would overtake the BYE. The gateway closes when it has read it.</summary>
        private void AwaitFarewell()
        {
            long until = _board.Clock.SinceBootMs() + _timings.FarewellMs;
            long left = _timings.FarewellMs;
            while (left > 0 && _connection.Open)
            {
                _board.Clock.Wait(_wake, (int)left);
                left = until - _board.Clock.SinceBootMs();
            }
        }

        private int StepWaiting(long now)
        {
            if (now < _resumeAtMs)
                return (int)(_resumeAtMs - now);

            _connection = new Connection(_settings, _board, _doctor, _wake);
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
                    _board.Reboot(); // cure 6
                return Lose(now, "connect hangs");
            }

            if (!_connection.Open)
            {
                _counters.ConnectFailures++;
                return Lose(now, _connection.Failure);
            }

            _hungConnects = 0;
            SendHello();
            Enter(LinkState.Greeting, now);
            return _timings.WelcomeMs;
        }

        private int StepTalking(long now)
        {
            string fault = Receive();
            if (fault != null)
                return Lose(now, fault);
            if (!_connection.Open)
                return Lose(now, _connection.Failure);

            if (State == LinkState.Greeting)
            {
                long left = _timings.WelcomeMs - (now - _stateSinceMs);
                return left > 0 ? (int)left : Lose(now, "no WELCOME");
            }

            if (_leaveAtMs != 0)
                return now < _leaveAtMs ? (int)(_leaveAtMs - now) : Lose(now, "the gateway is going away");

            SendTelemetry(now);
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
            System.GC.WaitForPendingFinalizers();
            long wait = _backoff.NextMs(_retryAfterMs);
            _retryAfterMs = 0;
            _resumeAtMs = now + (wait > _timings.RestAfterCollectMs ? wait : _timings.RestAfterCollectMs);
            Enter(LinkState.Waiting, now);
            return (int)(_resumeAtMs - now);
        }

        /// <summary>The link is over, for whatever reason: what was sent on it counts as unsent.</summary>
        private int Lose(long now, string why)
        {
            _board.Log("link: " + why);
            if (State != LinkState.Connecting)
                _counters.LinksLost++;
            if (_connection.SawFragment)
                _counters.FragmentsRefused++;
            _connection.End();
            _connection = null;
            _outbox.LinkLost();
            _leaveAtMs = 0;
            _resumeAtMs = now + _timings.RestBeforeCollectMs;
            Enter(LinkState.Resting, now);
            return _timings.RestBeforeCollectMs;
        }

        private void Enter(LinkState state, long now)
        {
            State = state;
            _stateSinceMs = now;
        }
    }
}
