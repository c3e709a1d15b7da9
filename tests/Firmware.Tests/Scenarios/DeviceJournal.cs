using Firmware.Tests.Wire;

namespace Firmware.Tests.Scenarios;

/// <summary>A gateway's memory of one device: what a journal would hold, and the gaps it was told.</summary>
internal sealed class DeviceJournal
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, uint> _highest = [];
    private readonly Dictionary<(uint Epoch, uint Sequence), Telemetry> _messages = [];
    private readonly List<GapMessage> _gaps = [];
    private readonly List<string> _disorder = [];

    public uint Highest(uint epoch)
    {
        lock (_lock)
            return _highest.GetValueOrDefault(epoch);
    }

    /// <summary>As PROTOCOL.md, Delivery: at or below the highest of its epoch, a message counts as sent again.</summary>
    public void Store(Telemetry telemetry)
    {
        lock (_lock)
        {
            if (telemetry.Sequence <= _highest.GetValueOrDefault(telemetry.Epoch))
            {
                if (!_messages.ContainsKey((telemetry.Epoch, telemetry.Sequence)))
                    _disorder.Add($"{telemetry.Epoch}/{telemetry.Sequence} came after a younger one");
                return;
            }

            _messages.Add((telemetry.Epoch, telemetry.Sequence), telemetry);
            _highest[telemetry.Epoch] = telemetry.Sequence;
        }
    }

    public void Told(GapMessage gap)
    {
        lock (_lock)
            _gaps.Add(gap);
    }

    public (Dictionary<(uint, uint), Telemetry> Messages, List<GapMessage> Gaps, List<string> Disorder) Read()
    {
        lock (_lock)
            return (new(_messages), [.. _gaps], [.. _disorder]);
    }
}
