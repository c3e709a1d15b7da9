using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Bench.Transports;

/// <summary>What a device of this bench says: rows of temperature and humidity, and answers to commands.</summary>
internal sealed class DeviceMessages(uint epoch, CommandLog commands, SocketCount count)
{
    private static readonly Catalog House = new(
        [
            new SensorDescription(
                1,
                "climate",
                [
                    new FieldDescription("temperature", "Cel", FieldType.Decimal, -2),
                    new FieldDescription("humidity", "%RH", FieldType.Decimal, -2),
                ]
            ),
        ],
        [new CommandDescription("echo", "")]
    );

    private readonly WireWriter _writer = new();
    private readonly RowBlock _block = new();
    private readonly List<byte[]> _results = [];
    private uint _sequence;
    private long _lastMs;

    public byte[] Catalog => Bytes(House.Write);

    public byte[] Hello()
    {
        var hello = new Hello(
            epoch,
            ClockKind.Unix,
            (ulong)NowMs,
            Protocol.Messages.Catalog.HashOf(Catalog),
            4096,
            "bench 1.0",
            "bench",
            0
        );
        return Bytes(hello.Write);
    }

    /// <summary>A TELEMETRY of as many rows, which end now.</summary>
    public byte[] Telemetry(int rows)
    {
        count.AddRows(rows);
        // A row's time is its own, however fast they come.
        var first = _lastMs = Math.Max(NowMs - rows, _lastMs + 1);
        _block.Reset(House.Sensors[0], rows);
        for (var row = 0; row < rows; row++)
        {
            _block.Times[row] = _lastMs = first + row;
            _block.Set(0, row, 2100 + ((_sequence + row) % 40));
            _block.Set(1, row, 4700 - ((_sequence + row) % 30));
        }
        return Bytes(writer =>
        {
            new TelemetryHeader(epoch, ++_sequence, ClockKind.Unix, first, 1).Write(writer);
            BlockEncoder.Write(writer, _block, first);
        });
    }

    /// <summary>Hears a message of the gateway; a command's result waits to be taken.</summary>
    public void Hear(ReadOnlySpan<byte> message)
    {
        if ((MessageType)message[0] == MessageType.Refused)
            throw new InvalidOperationException("The gateway has refused a message of the bench.");
        if (!Command.TryRead(message, out var command, out _))
            return;
        commands.Arrived(command.Json);
        var result = new CommandResult(command.Id, CommandOutcome.Succeeded, command.Json);
        lock (_results)
            _results.Add(Bytes(result.Write));
    }

    /// <summary>Results that are to be told.</summary>
    public byte[][] TakeResults()
    {
        lock (_results)
        {
            byte[][] taken = [.. _results];
            _results.Clear();
            return taken;
        }
    }

    private static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private byte[] Bytes(Action<WireWriter> write)
    {
        lock (_writer)
        {
            _writer.Clear();
            write(_writer);
            return _writer.ToArray();
        }
    }
}
