using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Storage;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Storage;

/// <summary>An outbox over a flash folder, booted as often as a test likes.</summary>
internal sealed class SpoolBench : IDisposable
{
    private readonly TestMachine _machine = new();

    public BenchBoard Board { get; } = new();

    public DeviceSettings Settings { get; } = new() { SpillFileBytes = 600, SpillFiles = 3 };

    public Counters Counters { get; private set; } = new();

    public Spool Spool { get; private set; } = null!; // set by Boot, which every test calls first

    public Outbox Outbox { get; private set; } = null!;

    public uint Epoch { get; private set; }

    public IoTGateway.VirtualDevice.StandIns.Flash Flash => _machine.Machine.Flash;

    public string[] SpillFiles => Directory.GetFiles(_machine.Flash(""), "spill*");

    public SpoolBench Boot(byte catalog = 1)
    {
        Epoch++;
        Counters = new Counters();
        Spool = new Spool(Board, Counters, Settings, Epoch);
        Spool.Describe(new DeviceIdentity(Epoch, "test", [2, catalog]));
        Outbox = new Outbox(4000, 100, Counters, Spool);
        return this;
    }

    /// <summary>Messages of one row each, at second n of their boot.</summary>
    public SpoolBench Append(uint first, uint last, byte clock = 1, int bytes = 100)
    {
        var writer = new WireWriter(4096);
        for (var sequence = first; sequence <= last; sequence++)
        {
            DeviceMessages.TelemetryHead(writer, Epoch, sequence, clock, sequence * 1000, 1);
            while (writer.Length < bytes)
                writer.U8((byte)sequence);
            Outbox.Append(writer, Epoch, sequence, clock, sequence * 1000, sequence * 1000 + 500, 1);
        }

        return this;
    }

    /// <summary>Everything in the order in which a link would send it, each acknowledged as it comes.</summary>
    public List<string> Deliver()
    {
        var sent = new List<string>();
        while (Outbox.TakeNextToSend(out var entry) is { } message)
        {
            Assert.Equal(entry.Epoch, BitConverter.ToUInt32(message, 1));
            Assert.Equal(entry.Sequence, BitConverter.ToUInt32(message, 5));
            sent.Add($"{entry.Epoch}/{entry.Sequence}");
            Assert.True(Outbox.Acknowledge(entry.Epoch, entry.Sequence));
        }

        Assert.True(Outbox.IsEmpty);
        return sent;
    }

    public static IEnumerable<string> Names(uint epoch, int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(s => $"{epoch}/{s}");

    public void Dispose() => _machine.Dispose();
}
