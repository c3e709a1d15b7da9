using Firmware.Tests.Device;
using Firmware.Tests.StandIns;
using IoTGateway.Device.Storage;

namespace Firmware.Tests.Storage;

public sealed class EpochFlashTests : IDisposable
{
    private readonly TestMachine _machine = new();
    private readonly BenchBoard _board = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void Full_flash_gives_each_boot_an_epoch_outside_the_count_and_the_count_goes_on_later()
    {
        Assert.Equal(1u, Boot());
        _machine.Machine.Flash.Capacity = 0;
        _board.Time.Set(1_790_000_000_000);
        var first = Boot();
        _board.Time.BootMs += 300;
        var second = Boot();
        _machine.Machine.Flash.Capacity = 1000;

        Assert.InRange(first, 0x80000000, 0xBFFFFFFF);
        Assert.InRange(second, 0x80000000, 0xBFFFFFFF);
        Assert.NotEqual(first, second);
        Assert.Equal(2u, Boot());
    }

    private uint Boot() => new EpochCounter(_board, 1).Increment();
}
