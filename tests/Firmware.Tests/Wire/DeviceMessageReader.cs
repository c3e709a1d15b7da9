using IoTGateway.Device.Sensors;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Wire;

internal sealed record Hello(
    uint Epoch,
    byte Clock,
    ulong NowMs,
    uint CatalogHash,
    ushort MaxMessageBytes,
    string Firmware,
    string Board,
    byte ResetReason
);

internal sealed record CommandResult(Guid Id, byte Outcome, string Json);

internal sealed record GapMessage(uint Epoch, byte Clock, ulong FromMs, ulong ToMs, ulong Rows);

internal sealed record Reported(uint Version, string Json);

internal sealed record Bye(byte Reason, uint ExpectedBackSeconds);

internal sealed record LogMessage(byte Level, byte Clock, ulong AtMs, string Category, string Message);

internal sealed record Telemetry(uint Epoch, uint Sequence, byte Clock, ulong BaseMs, Block[] Blocks)
{
    public int Rows => Blocks.Sum(b => b.TimesMs.Length);
}

/// <summary>Values[field][row], null where missing.</summary>
internal sealed record Block(byte SensorId, long[] TimesMs, long?[][] Values);

/// <summary>Reads a device's messages the way a gateway must: null for whatever the protocol refuses.</summary>
internal static class DeviceMessageReader
{
    public static Hello? Hello(byte[] message) =>
        Read(
            message,
            MessageType.Hello,
            r =>
            {
                FailUnless(r, r.U8() == ProtocolLimits.Version);
                return new Hello(r.U32(), Clock(r), r.U64(), r.U32(), r.U16(), r.Str(), r.Str(), r.U8());
            }
        );

    public static CommandResult? CommandResult(byte[] message) =>
        Read(
            message,
            MessageType.CommandResult,
            r =>
            {
                var result = new CommandResult(new Guid(r.Bytes(16)), r.U8(), r.Str());
                FailUnless(r, result.Outcome is >= 1 and <= 4);
                return result;
            }
        );

    public static GapMessage? Gap(byte[] message) =>
        Read(message, MessageType.Gap, r => new GapMessage(r.U32(), Clock(r), r.U64(), r.U64(), r.Varint()));

    public static Reported? Reported(byte[] message) =>
        Read(message, MessageType.Reported, r => new Reported(r.U32(), r.Str()));

    public static Bye? Bye(byte[] message) => Read(message, MessageType.Bye, r => new Bye(r.U8(), r.U32()));

    public static LogMessage? Log(byte[] message) =>
        Read(message, MessageType.Log, r => new LogMessage(r.U8(), Clock(r), r.U64(), r.Str(), r.Str()));

    public static Telemetry? Telemetry(byte[] message, Field[][] catalog) =>
        Read(
            message,
            MessageType.Telemetry,
            r =>
            {
                var (epoch, sequence, clock, baseMs) = (r.U32(), r.U32(), Clock(r), r.U64());
                var blocks = new Block[r.Count(ProtocolLimits.Sensors)];
                for (var i = 0; i < blocks.Length; i++)
                    blocks[i] = BlockReader.Read(r, catalog, baseMs);
                return new Telemetry(epoch, sequence, clock, baseMs, blocks);
            }
        );

    public static void FailUnless(WireReader reader, bool allowed)
    {
        if (!allowed)
            reader.Fail();
    }

    private static byte Clock(WireReader reader)
    {
        var clock = reader.U8();
        FailUnless(reader, clock <= 1);
        return clock;
    }

    private static T? Read<T>(byte[] message, byte type, Func<WireReader, T> body)
        where T : class
    {
        var reader = new WireReader();
        reader.Reset(message, 0, message.Length);
        FailUnless(reader, reader.U8() == type);
        var read = body(reader);
        return reader.Complete ? read : null;
    }
}
