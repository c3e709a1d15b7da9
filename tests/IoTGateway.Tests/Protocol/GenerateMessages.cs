using FsCheck;
using FsCheck.Fluent;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Tests.Protocol;

/// <summary>A whole message of any type, and the catalog to read it by where it is a TELEMETRY.</summary>
internal sealed record MessageCase(byte[] Bytes, Catalog Catalog)
{
    public override string ToString() => Convert.ToHexStringLower(Bytes);
}

/// <summary>Random messages of every type.</summary>
internal static class GenerateMessages
{
    private static readonly Catalog NoCatalog = new([], []);

    public static readonly Gen<Hello> Hello =
        from epoch in Generate.Positive
        from clock in Generate.Clock
        from now in Generate.Time
        from hash in Generate.U32
        from most in Generate.U16
        from firmware in Generate.OptionalLabel
        from board in Generate.OptionalLabel
        from reason in Generate.U8
        select new Hello(epoch, clock, now, hash, most, firmware, board, reason);

    public static readonly Gen<CommandResult> CommandResult =
        from id in Generate.Id
        from outcome in Gen.Choose(1, 4)
        from json in Generate.Text
        select new CommandResult(id, (CommandOutcome)outcome, json);

    public static readonly Gen<DeviceLog> Log =
        from level in Gen.Choose(0, 5)
        from clock in Generate.Clock
        from at in Generate.Time
        from category in Generate.Name
        from message in Generate.Text
        select new DeviceLog((byte)level, clock, at, category, message);

    public static readonly Gen<Reported> Reported =
        from version in Generate.U32
        from json in Generate.Text
        select new Reported(version, json);

    public static readonly Gen<Gap> Gap =
        from epoch in Generate.Positive
        from clock in Generate.Clock
        from one in Generate.Time
        from other in Generate.Time
        from rows in Generate.U64
        select new Gap(epoch, clock, Math.Min(one, other), Math.Max(one, other), rows);

    public static readonly Gen<Bye> Bye =
        from reason in Gen.Choose(1, 4)
        from back in Generate.U32
        select new Bye((ByeReason)reason, back);

    public static readonly Gen<Welcome> Welcome =
        from now in Generate.Time
        from last in Generate.U32
        from ping in Generate.U16
        from most in Generate.U16
        from window in Generate.U16
        from catalog in Gen.Elements(true, false)
        select new Welcome(now, last, ping, most, window, catalog);

    public static readonly Gen<Ack> Ack =
        from epoch in Generate.U32
        from sequence in Generate.U32
        select new Ack(epoch, sequence);

    public static readonly Gen<Command> Command =
        from id in Generate.Id
        from ttl in Generate.U32
        from name in Generate.Name
        from json in Generate.Text
        select new Command(id, ttl, name, json);

    public static readonly Gen<Desired> Desired =
        from version in Generate.U32
        from json in Generate.Text
        select new Desired(version, json);

    public static readonly Gen<Refused> Refused =
        from epoch in Generate.U32
        from sequence in Generate.U32
        from reason in Gen.Choose(1, 4)
        select new Refused(epoch, sequence, (RefusedReason)reason);

    public static readonly Gen<RetryAfter> RetryAfter = Generate.U32.Select(ms => new RetryAfter(ms));

    /// <summary>Every type, equally often.</summary>
    public static readonly Gen<MessageCase> Any = Gen.OneOf(
        Whole(Hello, (message, writer) => message.Write(writer)),
        Whole(GenerateTelemetry.Catalog, (message, writer) => message.Write(writer)),
        GenerateTelemetry.Telemetry.Select(telemetry => new MessageCase(telemetry.Encode(), telemetry.Catalog)),
        Whole(CommandResult, (message, writer) => message.Write(writer)),
        Whole(Log, (message, writer) => message.Write(writer)),
        Whole(Reported, (message, writer) => message.Write(writer)),
        Whole(Gap, (message, writer) => message.Write(writer)),
        Whole(Bye, (message, writer) => message.Write(writer)),
        Whole(Welcome, (message, writer) => message.Write(writer)),
        Whole(Ack, (message, writer) => message.Write(writer)),
        Whole(Command, (message, writer) => message.Write(writer)),
        Whole(Desired, (message, writer) => message.Write(writer)),
        Whole(Refused, (message, writer) => message.Write(writer)),
        Whole(RetryAfter, (message, writer) => message.Write(writer))
    );

    private static Gen<MessageCase> Whole<T>(Gen<T> messages, Action<T, WireWriter> write) =>
        messages.Select(message =>
        {
            var writer = new WireWriter();
            write(message, writer);
            return new MessageCase(writer.ToArray(), NoCatalog);
        });
}
