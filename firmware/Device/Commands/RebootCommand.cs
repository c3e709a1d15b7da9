namespace IoTGateway.Device.Commands
{
    /// <summary>The answer is in flash and on its way before the board goes down, and so is every row that waits.</summary>
    internal sealed class RebootCommand : ICommandHandler
    {
        public string Name
        {
            get { return "reboot"; }
        }

        public string Schema
        {
            get { return "{\"type\":\"object\",\"maxProperties\":0}"; }
        }

        public CommandAnswer Run(string arguments)
        {
            return JsonObject.IsEmpty(arguments)
                ? CommandAnswer.SucceededThenReboot("{\"rebooting\":true}")
                : CommandAnswer.Refused("reboot takes no arguments: {}");
        }
    }
}
