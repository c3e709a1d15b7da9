using System.Device.Gpio;
using Firmware.Tests.Device;
using Firmware.Tests.Fence;
using Firmware.Tests.Sensors;
using IoTGateway.Device.Boards;
using IoTGateway.Device.Commands;
using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;
using IoTGateway.Tests;
using Machine = IoTGateway.VirtualDevice.StandIns.Machine;

namespace Firmware.Tests.Walks;

/// <summary>The walks "a sensor" and "a command" of CONTRIBUTING.md, done.</summary>
public sealed class WalkTests : IDisposable
{
    private const int SwitchPin = 5;
    private const int PumpPin = 18;
    private readonly SensorBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void The_sensor_is_read_sampled_and_described_to_the_gateway()
    {
        var isFull = false;
        Machine.Current.Wiring.Connect(SwitchPin, () => isFull);
        var sensor = new FloatSwitch(new GpioController().OpenPin(SwitchPin, PinMode.Input));
        Assert.True(_bench.Read(sensor));
        Assert.Equal((0L, true), (_bench.Values[0], _bench.Present[0]));
        isFull = true;
        Assert.True(_bench.Read(sensor));
        Assert.Equal(1L, _bench.Values[0]);
        Assert.Equal(5, _bench.Sample(sensor, ticks: 5).RowsSampled);

        var told = AsTheGatewayReadsIt([sensor], []).Sensors.Single();
        Assert.Equal("tank", told.Measurement);
        Assert.Equal(
            ("full", IoTGateway.Protocol.Messages.FieldType.Boolean),
            (told.Fields[0].Name, told.Fields[0].Type)
        );
    }

    [Fact]
    public void The_command_runs_refuses_and_is_offered_to_people()
    {
        var pump = new PumpCommand(new GpioController().OpenPin(PumpPin, PinMode.Output));
        var runner = new CommandRunner([pump], new BenchBoard(), new Counters());
        Assert.Equal(CommandOutcome.Succeeded, Run(runner, 1, """{"on":true}""").Outcome);
        Assert.True(Machine.Current.Pins[PumpPin]);
        Assert.Equal(CommandOutcome.Refused, Run(runner, 2, """{"on":"yes"}""").Outcome);
        Assert.True(Machine.Current.Pins[PumpPin]);
        Assert.Equal("""{"on":false}""", Run(runner, 3, """{"on":false}""").Json);
        Assert.False(Machine.Current.Pins[PumpPin]);

        var told = AsTheGatewayReadsIt([], [pump]).Commands.Single();
        Assert.Equal("pump", told.Name);
        Assert.Equal("object", System.Text.Json.JsonElement.Parse(told.Schema).GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("FloatSwitch.cs")]
    [InlineData("PumpCommand.cs")]
    public void The_walk_shows_this_very_file_and_the_board_takes_it(string file)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "tests/Firmware.Tests/Walks", file));
        var walk = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "CONTRIBUTING.md"));
        Assert.Contains(text, walk, StringComparison.Ordinal);
        var fence = LanguageFence.Inspect(FirmwareSource.FirmwareWith(file, text), AllowedApi.Load());
        Assert.True(fence.Findings.Count == 0, string.Join('\n', fence.Findings));
    }

    private static IoTGateway.Protocol.Messages.Catalog AsTheGatewayReadsIt(
        ISensor[] sensors,
        ICommandHandler[] commands
    )
    {
        var writer = new WireWriter(ProtocolLimits.MessageBytes);
        CatalogWriter.Write(writer, sensors, commands);
        Composition.Check(sensors, writer);
        Assert.True(
            IoTGateway.Protocol.Messages.Catalog.TryRead(writer.ToArray(), out var catalog, out var error),
            error.ToString()
        );
        return catalog;
    }

    private static CommandAnswer Run(CommandRunner runner, byte id, string arguments) =>
        runner.Run(
            new Command
            {
                Id = [.. Enumerable.Repeat(id, 16)],
                TtlMs = 1000,
                Name = "pump",
                Arguments = arguments,
            },
            arrivedMs: 0
        );
}
