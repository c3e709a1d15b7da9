using System.Diagnostics;
using Firmware.Tests.Link;
using IoTGateway.VirtualDevice;

namespace Firmware.Tests.Device;

public class FleetTests(ITestOutputHelper output)
{
    private const int Devices = 200;
    private const int MessagesEach = 3;

    [Fact]
    public async Task Two_hundred_devices_share_a_process_and_each_delivers_under_its_own_name_and_epoch()
    {
        await using var gateway = await TestGateway.StartAsync();
        var folder = Directory.CreateTempSubdirectory("iotgw-fleet-").FullName;
        var fleet = Enumerable.Range(0, Devices).Select(i => Build(gateway, folder, i)).ToList();
        var before = Process.GetCurrentProcess().Threads.Count;
        foreach (var device in fleet)
            device.Start();
        var served = Enumerable.Range(0, Devices).Select(_ => ServeAsync(gateway)).ToList();
        var names = await Task.WhenAll(served);
        using var process = Process.GetCurrentProcess();
        output.WriteLine(
            $"{process.Threads.Count - before} threads, {process.WorkingSet64 >> 20} MiB working set, "
                + $"{GC.GetTotalMemory(forceFullCollection: true) >> 20} MiB managed"
        );

        Assert.Equal(Devices, names.Distinct().Count());
        foreach (var device in fleet)
        {
            Assert.Null(device.Status.Fault);
            Assert.Equal(1u, device.Status.Epoch);
            await device.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    private static VirtualDevice Build(TestGateway gateway, string folder, int i) =>
        new(
            new VirtualDeviceOptions
            {
                Token = $"device-{i}.c2VjcmV0",
                Gateway = gateway.LinkUri,
                FlashDirectory = Path.Combine(folder, $"device-{i}"),
                FirstEpoch = 1,
                RowsPerMessage = 1,
                Seed = i,
            }
        );

    private static async Task<string> ServeAsync(TestGateway gateway)
    {
        var link = await gateway.AcceptAsync();
        await link.GreetAsync();
        for (var i = 0; i < MessagesEach; i++)
            await link.AckAsync(await link.TelemetryAsync());
        return link.Authorization;
    }
}
