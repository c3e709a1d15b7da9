using System.Device.Gpio;
using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Commands
{
    /// <summary>Blinks the LED, so that a person at the shelf sees which board this is; then it is as it was.</summary>
    internal sealed class IdentifyCommand : ICommandHandler
    {
        private const int MinSeconds = 1;
        private const int MaxSeconds = 60;
        private const int BlinkMs = 250;

        private readonly GpioPin _pin;
        private readonly IClock _clock;
        private PinValue _before;
        private bool _blinking;
        private long _untilMs;
        private long _nextMs;

        public IdentifyCommand(GpioPin pin, IClock clock)
        {
            _pin = pin;
            _clock = clock;
        }

        public string Name
        {
            get { return "identify"; }
        }

        public string Schema
        {
            get
            {
                return "{\"type\":\"object\",\"properties\":{\"seconds\":{\"type\":\"integer\",\"minimum\":"
                    + MinSeconds
                    + ",\"maximum\":"
                    + MaxSeconds
                    + "}},\"required\":[\"seconds\"],\"additionalProperties\":false}";
            }
        }

        public CommandAnswer Run(string arguments)
        {
            JsonObject given = JsonObject.Parse(arguments);
            long seconds;
            if (
                given == null
                || given.Count != 1
                || !given.TryGetLong("seconds", out seconds)
                || seconds < MinSeconds
                || seconds > MaxSeconds
            )
            {
                return CommandAnswer.Refused(
                    "identify takes {\"seconds\":n} with n from " + MinSeconds + " to " + MaxSeconds
                );
            }

            if (!_blinking)
                _before = _pin.Read();
            _blinking = true;
            _nextMs = _clock.SinceBootMs();
            _untilMs = _nextMs + seconds * 1000;
            Step();
            return CommandAnswer.Succeeded("{\"seconds\":" + seconds + "}");
        }

        /// <summary>Blinks where it is time to. Milliseconds until it is time again.</summary>
        public int Step()
        {
            if (!_blinking)
                return int.MaxValue;

            long now = _clock.SinceBootMs();
            if (now >= _untilMs)
            {
                _pin.Write(_before);
                _blinking = false;
                return int.MaxValue;
            }

            if (now >= _nextMs)
            {
                _pin.Toggle();
                _nextMs = now + BlinkMs;
            }

            return (int)(_nextMs - now);
        }
    }
}
