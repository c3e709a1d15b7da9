using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Applies DESIRED and says in REPORTED what holds now. The report is told anew on every link, so that its loss
    /// needs no bookkeeping.
    /// </summary>
    internal sealed class DesiredSettings
    {
        private const string SampleInterval = "sampleIntervalMs";

        private readonly DeviceSettings _settings;
        private readonly Sampler _sampler;
        private string _error;

        public DesiredSettings(DeviceSettings settings, Sampler sampler)
        {
            _settings = settings;
            _sampler = sampler;
        }

        /// <summary>Of the DESIRED that was applied last; 0 before the first.</summary>
        public uint Version { get; private set; }

        public void Apply(Desired desired)
        {
            Version = desired.Version;
            _error = null;
            JsonObject wanted = JsonObject.Parse(desired.Json);
            if (wanted == null)
            {
                _error = "settings are one flat JSON object";
                return;
            }

            if (!wanted.Has(SampleInterval))
                return;

            long milliseconds;
            if (wanted.TryGetLong(SampleInterval, out milliseconds) && _settings.TrySetSampleInterval(milliseconds))
                _sampler.IntervalChanged();
            else
                _error =
                    SampleInterval
                    + " is a whole number from "
                    + DeviceSettings.MinSampleIntervalMs
                    + " to "
                    + DeviceSettings.MaxSampleIntervalMs;
        }

        public string ReportedJson()
        {
            string json = "{\"" + SampleInterval + "\":" + _settings.SampleIntervalMs;
            if (_error != null)
                json += ",\"error\":" + JsonText.Quote(_error);
            return json + "}";
        }
    }
}
