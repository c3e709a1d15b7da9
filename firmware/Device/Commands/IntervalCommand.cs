using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;

namespace IoTGateway.Device.Commands
{
    internal sealed class IntervalCommand : ICommandHandler
    {
        private readonly DeviceSettings _settings;
        private readonly Sampler _sampler;

        public IntervalCommand(DeviceSettings settings, Sampler sampler)
        {
            _settings = settings;
            _sampler = sampler;
        }

        public string Name
        {
            get { return "interval"; }
        }

        public string Schema
        {
            get
            {
                return "{\"type\":\"object\",\"properties\":{\"ms\":{\"type\":\"integer\",\"minimum\":"
                    + DeviceSettings.MinSampleIntervalMs
                    + ",\"maximum\":"
                    + DeviceSettings.MaxSampleIntervalMs
                    + "}},\"required\":[\"ms\"],\"additionalProperties\":false}";
            }
        }

        public CommandAnswer Run(string arguments)
        {
            JsonObject given = JsonObject.Parse(arguments);
            long milliseconds;
            if (
                given == null
                || given.Count != 1
                || !given.TryGetLong("ms", out milliseconds)
                || !_settings.TrySetSampleInterval(milliseconds)
            )
            {
                return CommandAnswer.Refused(
                    "interval takes {\"ms\":n} with n from "
                        + DeviceSettings.MinSampleIntervalMs
                        + " to "
                        + DeviceSettings.MaxSampleIntervalMs
                );
            }

            _sampler.IntervalChanged();
            return CommandAnswer.Succeeded("{\"ms\":" + _settings.SampleIntervalMs + "}");
        }
    }
}
