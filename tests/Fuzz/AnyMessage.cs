using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Fuzz;

/// <summary>Reads a message of whatever type to its end, as a peer that knows nothing about it would.</summary>
internal static class AnyMessage
{
    /// <summary>What is wrong with it, or <see cref="DecodeError.None"/>.</summary>
    /// <param name="message">The message, its type byte included.</param>
    /// <param name="catalog">In force for a TELEMETRY.</param>
    /// <param name="block">Takes the rows of a TELEMETRY, one block after the other.</param>
    public static DecodeError Read(ReadOnlySpan<byte> message, Catalog catalog, RowBlock block)
    {
        var error = DecodeError.None;
        _ = (MessageType)(message.IsEmpty ? 0 : message[0]) switch
        {
            MessageType.Catalog => Catalog.TryRead(message, out _, out error),
            MessageType.Telemetry => ReadTelemetry(message, catalog, block, out error),
            MessageType.CommandResult => CommandResult.TryRead(message, out _, out error),
            MessageType.Log => DeviceLog.TryRead(message, out _, out error),
            MessageType.Reported => Reported.TryRead(message, out _, out error),
            MessageType.Gap => Gap.TryRead(message, out _, out error),
            MessageType.Bye => Bye.TryRead(message, out _, out error),
            MessageType.Welcome => Welcome.TryRead(message, out _, out error),
            MessageType.Ack => Ack.TryRead(message, out _, out error),
            MessageType.Command => Command.TryRead(message, out _, out error),
            MessageType.Desired => Desired.TryRead(message, out _, out error),
            MessageType.Refused => Refused.TryRead(message, out _, out error),
            MessageType.RetryAfter => RetryAfter.TryRead(message, out _, out error),
            // HELLO, and whatever is no message: its reader says so.
            _ => Hello.TryRead(message, out _, out error),
        };
        return error;
    }

    private static bool ReadTelemetry(
        ReadOnlySpan<byte> message,
        Catalog catalog,
        RowBlock block,
        out DecodeError error
    )
    {
        var telemetry = new TelemetryReader(message);
        while (telemetry.TryReadBlock(catalog, block))
            Check(block);
        error = telemetry.Error;
        return error == DecodeError.None;
    }

    /// <summary>Throws where a block that was read breaks what every user of it relies on.</summary>
    private static void Check(RowBlock block)
    {
        if (block.Rows is < 1 or > ProtocolLimits.RowsPerBlock)
            throw new InvalidDataException($"A block of {block.Rows} rows was read.");
        long earliest = 0;
        foreach (var time in block.Times)
        {
            if (time < earliest || time > ProtocolLimits.LatestUnixMs)
                throw new InvalidDataException($"A row at {time} after one at {earliest} was read.");
            earliest = time;
        }
        for (var field = 0; field < block.Sensor.Fields.Length; field++)
            CheckValues(block, field);
    }

    private static void CheckValues(RowBlock block, int field)
    {
        for (var row = 0; row < block.Rows; row++)
        {
            if (!block.IsPresent(field, row))
                continue;
            var description = block.Sensor.Fields[field];
            var raw = block.Raw(field, row);
            if (!double.IsFinite(FieldValue.ToDouble(description, raw)))
                throw new InvalidDataException($"A value that is no number was read: {raw:x}.");
            if (description.Type == FieldType.Boolean && raw is not (0 or 1))
                throw new InvalidDataException($"A boolean of {raw} was read.");
        }
    }
}
