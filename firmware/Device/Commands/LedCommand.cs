using System.Device.Gpio;

namespace IoTGateway.Device.Commands
{
    internal sealed class LedCommand : ICommandHandler
    {
        private readonly GpioPin _pin;

        public LedCommand(GpioPin pin)
        {
            _pin = pin;
        }

        public string Name
        {
            get { return "led"; }
        }

        public string Schema
        {
            get
            {
                return "{\"type\":\"object\",\"properties\":{\"on\":{\"type\":\"boolean\"}},"
                    + "\"required\":[\"on\"],\"additionalProperties\":false}";
            }
        }

        public CommandAnswer Run(string arguments)
        {
            JsonObject given = JsonObject.Parse(arguments);
            bool on;
            if (given == null || given.Count != 1 || !given.TryGetBool("on", out on))
                return CommandAnswer.Refused("led takes {\"on\":true} or {\"on\":false}");

            _pin.Write(on ? PinValue.High : PinValue.Low);
            return CommandAnswer.Succeeded(on ? "{\"on\":true}" : "{\"on\":false}");
        }
    }
}
