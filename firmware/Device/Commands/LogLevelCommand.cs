using IoTGateway.Device.Boards;

namespace IoTGateway.Device.Commands
{
    internal sealed class LogLevelCommand : ICommandHandler
    {
        private readonly DeviceSettings _settings;

        public LogLevelCommand(DeviceSettings settings)
        {
            _settings = settings;
        }

        public string Name
        {
            get { return "log-level"; }
        }

        public string Schema
        {
            get
            {
                return "{\"type\":\"object\",\"properties\":{\"level\":{\"enum\":["
                    + "\"trace\",\"debug\",\"information\",\"warning\",\"error\",\"critical\"]}},"
                    + "\"required\":[\"level\"],\"additionalProperties\":false}";
            }
        }

        public CommandAnswer Run(string arguments)
        {
            JsonObject given = JsonObject.Parse(arguments);
            string level;
            if (
                given == null
                || given.Count != 1
                || !given.TryGetString("level", out level)
                || !_settings.TrySetLogLevel(level)
            )
            {
                return CommandAnswer.Refused("log-level takes {\"level\":\"x\"}, x one of " + LogLevels.All);
            }

            return CommandAnswer.Succeeded("{\"level\":\"" + level + "\"}");
        }
    }
}
