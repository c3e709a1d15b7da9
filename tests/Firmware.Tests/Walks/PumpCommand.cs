using System.Device.Gpio;

namespace IoTGateway.Device.Commands
{
    /// <summary>Switches a pump.</summary>
    internal sealed class PumpCommand : ICommandHandler
    {
        private readonly GpioPin _pin;

        public PumpCommand(GpioPin pin)
        {
            _pin = pin;
        }

        public string Name
        {
            get { return "pump"; }
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
                return CommandAnswer.Refused("pump takes {\"on\":true} or {\"on\":false}");
            _pin.Write(on ? PinValue.High : PinValue.Low);
            return CommandAnswer.Succeeded("{\"on\":" + (on ? "true" : "false") + "}");
        }
    }
}
