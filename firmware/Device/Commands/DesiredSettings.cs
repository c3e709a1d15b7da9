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
    internal sealed partial class DesiredSettings
    {
        private const string Path = @"I:\settings";
        private const string NextPath = @"I:\settings.new";

        private readonly DeviceSettings _settings;
        private readonly Sampler _sampler;
        private readonly SendOnChange _changes;
        private readonly IBoard _board;
        private readonly Counters _counters;
        private readonly byte _provisionedTransport;
        private readonly int _provisionedPollMs;
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
            _provisionedTransport = settings.Transport;
            _provisionedPollMs = settings.PollIntervalMs;
            if (!TryRestore(NextPath))
                TryRestore(Path);
            _settings.ProvenTransport = _settings.Transport;
            _saved = Stored();
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
            string json = Stored();
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
            string json = Json(Link.Transport.Name(_settings.Transport), _settings.PollIntervalMs);
            return _errors.Length == 0 ? json : json.Substring(0, json.Length - 1) + ",\"errors\":{" + _errors + "}}";
        }

        /// <summary>
        /// What was provisioned is not kept a second time: who provisions the board anew means it. Nor is a transport by which no
        /// link has come about yet.
        /// </summary>
        private string Stored()
        {
            bool own = _settings.ProvenTransport != _provisionedTransport;
            int pollMs = _settings.PollIntervalMs == _provisionedPollMs ? 0 : _settings.PollIntervalMs;
            return Json(own ? Link.Transport.Name(_settings.ProvenTransport) : null, pollMs);
        }

        private string Json(string transport, int pollMs)
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
                + (transport == null ? "" : ",\"" + Way + "\":\"" + transport + "\"")
                + (pollMs == 0 ? "" : ",\"" + PollInterval + "\":" + pollMs)
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
