using IoTGateway.VirtualDevice.StandIns;

namespace Firmware.Tests.StandIns;

/// <summary>A machine with a flash folder of its own, ambient for one test.</summary>
internal sealed class TestMachine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-machine-").FullName;

    public TestMachine(bool spinsAtEndOfStream = false)
    {
        Machine = new Machine(_folder, TimeProvider.System) { SpinsAtEndOfStream = spinsAtEndOfStream };
        Machine.Current = Machine;
    }

    public Machine Machine { get; }

    public string Flash(string file) => Path.Combine(_folder, file);

    public void Dispose()
    {
        Machine.CutPower();
        Directory.Delete(_folder, recursive: true);
    }
}
