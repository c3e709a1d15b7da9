using System.Collections.Concurrent;
using IoTGateway.Device.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Link;

/// <summary>A virtual device with a flash folder of its own, which goes with it.</summary>
internal sealed class DeviceUnderTest : IAsyncDisposable
{
    public const string Token = "room-1.c2VjcmV0";

    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;

    private DeviceUnderTest(Func<VirtualDeviceOptions, VirtualDeviceOptions>? change, Uri gateway)
    {
        var options = new VirtualDeviceOptions
        {
            Token = Token,
            Gateway = gateway,
            FlashDirectory = _folder,
            FirstEpoch = 1,
            SampleIntervalMs = 100,
            RowsPerMessage = 2,
            BackoffBase = TimeSpan.FromMilliseconds(10),
            BackoffCap = TimeSpan.FromMilliseconds(50),
            Log = Log.Enqueue,
            OnRow = Rows.Enqueue,
        };
        Device = new VirtualDevice(change is null ? options : change(options));
    }

    public VirtualDevice Device { get; }

    public ConcurrentQueue<string> Log { get; } = new();

    public ConcurrentQueue<VirtualRow> Rows { get; } = new();

    public string Flash => _folder;

    public static DeviceUnderTest Start(Uri gateway, Func<VirtualDeviceOptions, VirtualDeviceOptions>? change = null)
    {
        var device = new DeviceUnderTest(change, gateway);
        device.Device.Start();
        return device;
    }

    public static DeviceUnderTest Start(TestGateway gateway, Action<LinkTimings> tune) =>
        Start(gateway.LinkUri, o => o with { Tune = tune });

    public async ValueTask DisposeAsync()
    {
        await Device.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
