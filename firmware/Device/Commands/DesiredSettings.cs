using System;
using System.IO;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace IoTGateway.Device.Commands
{
    /// <summary>
    /// Applies DESIRED, keeps what holds in flash, and says it in REPORTED. The report is told anew on every link, so that
    /// its loss needs no bookkeeping. A setting that is wrong keeps its old value and is named in "errors"; one that is not
    /// mentioned stays as it is.
    /// </summary>
    internal sealed class DesiredSettings
    {
        private const string SampleInterval = "sampleIntervalMs";
        private const string BatchInterval = "batchIntervalMs";
        private const string Level = "logLevel";
        private const string OnChange = "sendOnChange";
        private const string Path = @"I:\settings";
        private const string NextPath = @"I:\settings.new";

        private readonly DeviceSettings _settings;
        private readonly Sampler _sampler;
        private readonly SendOnChange _changes;
        private readonly IBoard _board;
        private readonly Counters _counters;
        private string _errors = "";
        private string _saved;
        private uint _savedVersion;

        public DesiredSettings(
            DeviceSettings settings,
            Sampler sampler,
            SendOnChange changes,
            IBoard board,
            Counters counters
        )
        {
            _settings = settings;
            _sampler = sampler;
            _changes = changes;
            _board = board;
            _counters = counters;
            if (!TryRestore(NextPath))
                TryRestore(Path);
            _saved = Json();
            _savedVersion = Version;
        }

        /// <summary>Of the DESIRED that was applied last; 0 before the first.</summary>
        public uint Version { get; private set; }

        public void Apply(Desired desired)
        {
            Version = desired.Version;
            Apply(desired.Json);
            Save();
        }

        /// <summary>What differs from the copy in flash is written there: a command may change a setting too.</summary>
        public void Save()
        {
            string json = Json();
            if (json == _saved && Version == _savedVersion)
                return;

            WireWriter file = new WireWriter(4 + 3 + 3 * json.Length + 4);
            file.U32(Version);
            file.Str(json);
            file.U32(Crc32.Compute(file.Buffer, 0, file.Length));
            byte[] bytes = file.ToArray();
            try
            {
                File.WriteAllBytes(NextPath, bytes);
                File.WriteAllBytes(Path, bytes);
                File.Delete(NextPath);
                _counters.FlashBytesWritten += 2 * bytes.Length;
                _saved = json;
                _savedVersion = Version;
            }
            catch (Exception e)
            {
                _board.Log("settings: flash refused them, they hold until the next boot: " + e.Message);
            }
        }

        public string ReportedJson()
        {
            string json = Json();
            return _errors.Length == 0 ? json : json.Substring(0, json.Length - 1) + ",\"errors\":{" + _errors + "}}";
        }

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
            if (known < wanted.Count)
                Wrong(
                    "unknown",
                    "this device knows " + SampleInterval + ", " + BatchInterval + ", " + Level + " and " + OnChange
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

        private void WrongNumber(string name, int least, int most)
        {
            Wrong(name, "it is a whole number from " + least + " to " + most);
        }

        private void Wrong(string name, string why)
        {
            _errors += (_errors.Length == 0 ? "" : ",") + "\"" + name + "\":" + JsonText.Quote(why);
        }

        private string Json()
        {
            return "{\""
                + SampleInterval
                + "\":"
                + _settings.SampleIntervalMs
                + ",\""
                + BatchInterval
                + "\":"
                + _settings.BatchIntervalMs
                + ",\""
                + Level
                + "\":\""
                + LogLevels.Name(_settings.LogLevel)
                + "\",\""
                + OnChange
                + "\":"
                + _changes.Json()
                + "}";
        }

        private bool TryRestore(string path)
        {
            byte[] file = FlashFile.Read(path);
            if (file == null || file.Length < 4)
                return false;

            WireReader reader = new WireReader();
            reader.Reset(file, 0, file.Length);
            uint version = reader.U32();
            string json = reader.Str();
            if (reader.U32() != Crc32.Compute(file, 0, file.Length - 4) || !reader.Complete)
                return false;

            // Validated like any other: a firmware update may have narrowed what is allowed.
            Version = version;
            Apply(json);
            return true;
        }
    }
}
