using System.Device.Gpio;
using IoTGateway.Device.Sensors;

namespace Firmware.Tests.Sensors;

public sealed class DigitalInputTests : IDisposable
{
    private const int Pin = 5;

    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 0)]
    public void An_open_contact_is_high_and_reads_as_1(bool open, long value)
    {
        Assert.True(_bench.Read(Door(() => open)));
        Assert.Equal((value, true), (_bench.Values[0], _bench.Present[0]));
    }

    [Fact]
    public void A_pin_with_nothing_on_it_is_pulled_up_and_so_open()
    {
        var pin = new GpioController().OpenPin(Pin, PinMode.InputPullUp);

        Assert.True(_bench.Read(new DigitalInput("door", pin, _bench.Clock)));
        Assert.Equal(1, _bench.Values[0]);
    }

    [Fact]
    public void A_contact_that_bounces_is_waited_for_and_its_rest_is_what_counts()
    {
        var looks = 0;

        Assert.True(_bench.Read(Door(() => ++looks is 1 or 3 or 4)));
        Assert.Equal(0, _bench.Values[0]);
        Assert.Equal((7, 12), (looks, _bench.Clock.BootMs));
    }

    [Fact]
    public void One_that_never_comes_to_rest_gives_no_value_within_20_ms_and_is_counted()
    {
        var looks = 0;
        var door = Door(() => ++looks % 2 == 0);

        Assert.False(_bench.Read(door));
        Assert.False(_bench.Present[0]);
        Assert.InRange(_bench.Clock.BootMs, 1, 20);
        Assert.Equal(10, _bench.Sample(door, 10).SensorFailures);
    }

    private DigitalInput Door(Func<bool> isOpen)
    {
        _bench.Room.Wiring.Connect(Pin, isOpen);
        return new DigitalInput("door", new GpioController().OpenPin(Pin, PinMode.InputPullUp), _bench.Clock);
    }
}
