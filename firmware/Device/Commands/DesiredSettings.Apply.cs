using IoTGateway.Device.Boards;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    internal sealed partial class DesiredSettings
    {
        private const string SampleInterval = "sampleIntervalMs";
        private const string BatchInterval = "batchIntervalMs";
        private const string Level = "logLevel";
        private const string OnChange = "sendOnChange";
        private const string Way = "transport";
        private const string PollInterval = "pollIntervalMs";

        private string _errors = "";

        private void Apply(string json)
        {
            _errors = "";
            JsonObject wanted = JsonObject.ParseNested(json);
            if (wanted == null)
            {
                Wrong("settings", "they are one JSON object, nested once at most");
                return;
            }

            int known = 0;
            if (wanted.Has(SampleInterval) && known++ >= 0)
                ApplySampleInterval(wanted);
            if (wanted.Has(BatchInterval) && known++ >= 0)
                ApplyBatchInterval(wanted);
            if (wanted.Has(Level) && known++ >= 0)
                ApplyLevel(wanted);
            if (wanted.Has(OnChange) && known++ >= 0)
                ApplyOnChange(wanted);
            if (wanted.Has(Way) && known++ >= 0)
                ApplyTransport(wanted);
            if (wanted.Has(PollInterval) && known++ >= 0)
                ApplyPollInterval(wanted);
            if (known < wanted.Count)
                Wrong(
                    "unknown",
                    "this device knows "
                        + SampleInterval
                        + ", "
                        + BatchInterval
                        + ", "
                        + Level
                        + ", "
                        + OnChange
                        + ", "
                        + Way
                        + " and "
                        + PollInterval
                );
        }

        private void ApplySampleInterval(JsonObject wanted)
        {
            long milliseconds;
            if (wanted.TryGetLong(SampleInterval, out milliseconds) && _settings.TrySetSampleInterval(milliseconds))
                _sampler.IntervalChanged();
            else
                WrongNumber(SampleInterval, DeviceSettings.MinSampleIntervalMs, DeviceSettings.MaxSampleIntervalMs);
        }

        private void ApplyBatchInterval(JsonObject wanted)
        {
            long milliseconds;
            if (!wanted.TryGetLong(BatchInterval, out milliseconds) || !_settings.TrySetBatchInterval(milliseconds))
                WrongNumber(BatchInterval, DeviceSettings.MinBatchIntervalMs, DeviceSettings.MaxBatchIntervalMs);
        }

        private void ApplyLevel(JsonObject wanted)
        {
            string level;
            if (!wanted.TryGetString(Level, out level) || !_settings.TrySetLogLevel(level))
                Wrong(Level, "it is one of " + LogLevels.All);
        }

        private void ApplyOnChange(JsonObject wanted)
        {
            JsonObject map = wanted.Object(OnChange);
            string wrong =
                map == null ? "it is an object, {\"measurement.field\":change}, {} for none" : _changes.TrySet(map);
            if (wrong != null)
                Wrong(OnChange, wrong);
        }

        private void ApplyTransport(JsonObject wanted)
        {
            string name;
            int transport = wanted.TryGetString(Way, out name) ? Link.Transport.Parse(name) : -1;
            if (transport < 0)
                Wrong(Way, "it is one of " + Link.Transport.All);
            else if (transport == _settings.FailedTransport)
                Wrong(Way, "it brought no link here; wish for another one first to have it tried again");
            else
            {
                _settings.FailedTransport = -1;
                _settings.Transport = (byte)transport;
            }
        }

        private void ApplyPollInterval(JsonObject wanted)
        {
            long milliseconds;
            if (!wanted.TryGetLong(PollInterval, out milliseconds) || !_settings.TrySetPollInterval(milliseconds))
                WrongNumber(PollInterval, DeviceSettings.MinPollIntervalMs, DeviceSettings.MaxPollIntervalMs);
        }

        private void WrongNumber(string name, int least, int most)
        {
            Wrong(name, "it is a whole number from " + least + " to " + most);
        }

        private void Wrong(string name, string why)
        {
            _errors += (_errors.Length == 0 ? "" : ",") + "\"" + name + "\":" + JsonText.Quote(why);
        }
    }
}
