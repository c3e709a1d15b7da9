using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Commands
{
    /// <summary>Reads every sensor at once and sends the rows without waiting for the batch to fill.</summary>
    internal sealed class ReadNowCommand : ICommandHandler
    {
        private readonly Sampler _sampler;

        public ReadNowCommand(Sampler sampler)
        {
            _sampler = sampler;
        }

        public string Name
        {
            get { return "read-now"; }
        }

        public string Schema
        {
            get { return "{\"type\":\"object\",\"maxProperties\":0}"; }
        }

        public CommandAnswer Run(string arguments)
        {
            if (!JsonObject.IsEmpty(arguments))
                return CommandAnswer.Refused("read-now takes no arguments: {}");

            return CommandAnswer.Succeeded("{\"rows\":" + _sampler.SampleNow() + "}");
        }
    }
}
