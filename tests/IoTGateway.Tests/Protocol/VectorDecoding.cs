using System.Text.Json.Nodes;
using IoTGateway.Fuzz;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>Bytes to the meaning that tests/vectors/README.md describes.</summary>
internal static class VectorDecoding
{
    private delegate bool TryRead<T>(ReadOnlySpan<byte> message, out T value, out DecodeError error);

    /// <summary>The fields of a message, or null and why there are none.</summary>
    public static JsonObject? Decode(string type, byte[] message, Catalog catalog, out DecodeError error) =>
        type switch
        {
            "HELLO" => Read<Hello>(message, Hello.TryRead, Fields, out error),
            "CATALOG" => Read<Catalog>(message, Catalog.TryRead, Fields, out error),
            "TELEMETRY" => DecodeTelemetry(message, catalog, out error),
            "COMMAND_RESULT" => Read<CommandResult>(message, CommandResult.TryRead, Fields, out error),
            "LOG" => Read<DeviceLog>(message, DeviceLog.TryRead, Fields, out error),
            "REPORTED" => Read<Reported>(
                message,
                Reported.TryRead,
                reported => new() { ["version"] = reported.Version, ["json"] = reported.Json },
                out error
            ),
            "GAP" => Read<Gap>(message, Gap.TryRead, Fields, out error),
            "BYE" => Read<Bye>(
                message,
                Bye.TryRead,
                bye => new() { ["reason"] = (byte)bye.Reason, ["expectedBackSeconds"] = bye.ExpectedBackSeconds },
                out error
            ),
            "WELCOME" => Read<Welcome>(message, Welcome.TryRead, Fields, out error),
            "ACK" => Read<Ack>(
                message,
                Ack.TryRead,
                ack => new() { ["epoch"] = ack.Epoch, ["sequence"] = ack.Sequence },
                out error
            ),
            "COMMAND" => Read<Command>(message, Command.TryRead, Fields, out error),
            "DESIRED" => Read<Desired>(
                message,
                Desired.TryRead,
                desired => new() { ["version"] = desired.Version, ["json"] = desired.Json },
                out error
            ),
            "REFUSED" => Read<Refused>(message, Refused.TryRead, Fields, out error),
            "RETRY_AFTER" => Read<RetryAfter>(
                message,
                RetryAfter.TryRead,
                retry => new() { ["ms"] = retry.Milliseconds },
                out error
            ),
            _ => throw new ArgumentException($"No message is called {type}.", nameof(type)),
        };

    private static JsonObject? Read<T>(byte[] bytes, TryRead<T> read, Func<T, JsonObject> fields, out DecodeError error)
    {
        var ok = read(bytes, out var value, out error);
        Assert.Equal(ok, error == DecodeError.None);
        return ok ? fields(value) : null;
    }

    private static JsonObject Fields(Hello hello) =>
        new()
        {
            ["version"] = 1,
            ["epoch"] = hello.Epoch,
            ["clock"] = (byte)hello.Clock,
            ["nowMs"] = hello.NowMs,
            ["catalogHash"] = hello.CatalogHash,
            ["maxMessageBytes"] = hello.MaxMessageBytes,
            ["firmware"] = hello.Firmware,
            ["board"] = hello.Board,
            ["resetReason"] = hello.ResetReason,
        };

    private static JsonObject Fields(Catalog catalog) =>
        new()
        {
            ["sensors"] = new JsonArray([.. catalog.Sensors.Select(Fields)]),
            ["commands"] = new JsonArray([
                .. catalog.Commands.Select(command => new JsonObject
                {
                    ["name"] = command.Name,
                    ["schema"] = command.Schema,
                }),
            ]),
        };

    private static JsonObject Fields(SensorDescription sensor) =>
        new()
        {
            ["sensorId"] = sensor.Id,
            ["measurement"] = sensor.Measurement,
            ["fields"] = new JsonArray([
                .. sensor.Fields.Select(field => new JsonObject
                {
                    ["name"] = field.Name,
                    ["unit"] = field.Unit,
                    ["type"] = (byte)field.Type,
                    ["exponent"] = field.Exponent,
                }),
            ]),
        };

    private static JsonObject Fields(CommandResult result) =>
        new()
        {
            ["id"] = result.Id.ToString(),
            ["outcome"] = (byte)result.Outcome,
            ["json"] = result.Json,
        };

    private static JsonObject Fields(DeviceLog log) =>
        new()
        {
            ["level"] = log.Level,
            ["clock"] = (byte)log.Clock,
            ["atMs"] = log.AtMs,
            ["category"] = log.Category,
            ["message"] = log.Message,
        };

    private static JsonObject Fields(Gap gap) =>
        new()
        {
            ["epoch"] = gap.Epoch,
            ["clock"] = (byte)gap.Clock,
            ["fromMs"] = gap.FromMs,
            ["toMs"] = gap.ToMs,
            ["rowsDropped"] = VectorNumber.Of(gap.RowsDropped),
        };

    private static JsonObject Fields(Welcome welcome) =>
        new()
        {
            ["version"] = 1,
            ["nowMs"] = welcome.NowMs,
            ["lastSequence"] = welcome.LastSequence,
            ["pingSeconds"] = welcome.PingSeconds,
            ["maxMessageBytes"] = welcome.MaxMessageBytes,
            ["window"] = welcome.Window,
            ["flags"] = welcome.SendCatalog ? 1 : 0,
        };

    private static JsonObject Fields(Command command) =>
        new()
        {
            ["id"] = command.Id.ToString(),
            ["ttlMs"] = command.TtlMs,
            ["name"] = command.Name,
            ["json"] = command.Json,
        };

    private static JsonObject Fields(Refused refused) =>
        new()
        {
            ["epoch"] = refused.Epoch,
            ["sequence"] = refused.Sequence,
            ["reason"] = (byte)refused.Reason,
        };

    private static JsonObject? DecodeTelemetry(byte[] message, Catalog catalog, out DecodeError error)
    {
        var telemetry = new TelemetryReader(message);
        var blocks = new JsonArray();
        var block = new RowBlock();
        while (telemetry.TryReadBlock(catalog, block))
            blocks.Add(VectorRows.Fields(block));
        error = telemetry.Error;
        if (error != DecodeError.None)
            return null;
        Assert.Equal(telemetry.Header.Blocks, blocks.Count);
        return new()
        {
            ["epoch"] = telemetry.Header.Epoch,
            ["sequence"] = telemetry.Header.Sequence,
            ["clock"] = (byte)telemetry.Header.Clock,
            ["baseMs"] = telemetry.Header.BaseMs,
            ["blocks"] = blocks,
        };
    }
}
