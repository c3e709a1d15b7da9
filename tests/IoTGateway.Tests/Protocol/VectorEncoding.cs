using System.Text.Json;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Tests.Protocol;

/// <summary>The meaning that tests/vectors/README.md describes to bytes.</summary>
internal static class VectorEncoding
{
    public static byte[] Encode(string type, JsonElement meaning, Catalog catalog)
    {
        var writer = new WireWriter();
        if (type == "TELEMETRY")
            WriteTelemetry(writer, meaning, catalog);
        else if (type == "CATALOG")
            CatalogOf(meaning).Write(writer);
        else if (IsFromDevice(type))
            WriteDeviceMessage(writer, type, meaning);
        else
            WriteGatewayMessage(writer, type, meaning);
        return writer.ToArray();
    }

    private static bool IsFromDevice(string type) =>
        type is "HELLO" or "COMMAND_RESULT" or "LOG" or "REPORTED" or "GAP" or "BYE";

    private static void WriteDeviceMessage(WireWriter writer, string type, JsonElement m)
    {
        switch (type)
        {
            case "HELLO":
                WriteHello(writer, m);
                break;
            case "COMMAND_RESULT":
                new CommandResult(Id(m), (CommandOutcome)U8(m, "outcome"), Text(m, "json")).Write(writer);
                break;
            case "LOG":
                new DeviceLog(U8(m, "level"), Clock(m), U64(m, "atMs"), Text(m, "category"), Text(m, "message")).Write(
                    writer
                );
                break;
            case "REPORTED":
                new Reported(U32(m, "version"), Text(m, "json")).Write(writer);
                break;
            case "GAP":
                new Gap(U32(m, "epoch"), Clock(m), U64(m, "fromMs"), U64(m, "toMs"), U64(m, "rowsDropped")).Write(
                    writer
                );
                break;
            default:
                new Bye((ByeReason)U8(m, "reason"), U32(m, "expectedBackSeconds")).Write(writer);
                break;
        }
    }

    private static void WriteGatewayMessage(WireWriter writer, string type, JsonElement m)
    {
        switch (type)
        {
            case "WELCOME":
                WriteWelcome(writer, m);
                break;
            case "ACK":
                new Ack(U32(m, "epoch"), U32(m, "sequence")).Write(writer);
                break;
            case "COMMAND":
                new Command(Id(m), U32(m, "ttlMs"), Text(m, "name"), Text(m, "json")).Write(writer);
                break;
            case "DESIRED":
                new Desired(U32(m, "version"), Text(m, "json")).Write(writer);
                break;
            case "REFUSED":
                new Refused(U32(m, "epoch"), U32(m, "sequence"), (RefusedReason)U8(m, "reason")).Write(writer);
                break;
            case "RETRY_AFTER":
                new RetryAfter(U32(m, "ms")).Write(writer);
                break;
            default:
                throw new ArgumentException($"No message is called {type}.", nameof(type));
        }
    }

    private static void WriteHello(WireWriter writer, JsonElement m) =>
        new Hello(
            U32(m, "epoch"),
            Clock(m),
            U64(m, "nowMs"),
            U32(m, "catalogHash"),
            U16(m, "maxMessageBytes"),
            Text(m, "firmware"),
            Text(m, "board"),
            U8(m, "resetReason")
        ).Write(writer);

    private static void WriteWelcome(WireWriter writer, JsonElement m) =>
        new Welcome(
            U64(m, "nowMs"),
            U32(m, "lastSequence"),
            U16(m, "pingSeconds"),
            U16(m, "maxMessageBytes"),
            U16(m, "window"),
            (U8(m, "flags") & 1) != 0
        ).Write(writer);

    private static Catalog CatalogOf(JsonElement m) =>
        new(
            [.. m.GetProperty("sensors").EnumerateArray().Select(SensorOf)],
            [
                .. m.GetProperty("commands")
                    .EnumerateArray()
                    .Select(c => new CommandDescription(Text(c, "name"), Text(c, "schema"))),
            ]
        );

    private static SensorDescription SensorOf(JsonElement m) =>
        new(
            U8(m, "sensorId"),
            Text(m, "measurement"),
            [
                .. m.GetProperty("fields")
                    .EnumerateArray()
                    .Select(f => new FieldDescription(
                        Text(f, "name"),
                        Text(f, "unit"),
                        (FieldType)U8(f, "type"),
                        f.GetProperty("exponent").GetSByte()
                    )),
            ]
        );

    private static void WriteTelemetry(WireWriter writer, JsonElement m, Catalog catalog)
    {
        var blocks = m.GetProperty("blocks");
        var baseMs = (long)U64(m, "baseMs");
        new TelemetryHeader(U32(m, "epoch"), U32(m, "sequence"), Clock(m), baseMs, blocks.GetArrayLength()).Write(
            writer
        );
        var block = new RowBlock();
        foreach (var part in blocks.EnumerateArray())
        {
            var sensor = catalog.Find(U8(part, "sensorId"));
            Assert.NotNull(sensor);
            VectorRows.Fill(block, sensor, part.GetProperty("rows"));
            BlockEncoder.Write(writer, block, baseMs);
        }
    }

    private static byte U8(JsonElement m, string name) => m.GetProperty(name).GetByte();

    private static ushort U16(JsonElement m, string name) => m.GetProperty(name).GetUInt16();

    private static uint U32(JsonElement m, string name) => m.GetProperty(name).GetUInt32();

    private static ulong U64(JsonElement m, string name) => VectorNumber.UInt64(m.GetProperty(name));

    private static Guid Id(JsonElement m) => m.GetProperty("id").GetGuid();

    private static ClockKind Clock(JsonElement m) => (ClockKind)U8(m, "clock");

    private static string Text(JsonElement m, string name) =>
        m.GetProperty(name).GetString() ?? throw new InvalidDataException($"{name} is null.");
}
