using System.Net.WebSockets;
using IoTGateway.Admission;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Protocol.Telemetry;

namespace IoTGateway.Links;

/// <summary>The binary subprotocol <c>iotgw.v1</c> (PROTOCOL.md): what each message of a device does.</summary>
internal sealed partial class IotgwDialect(DeviceSession session, LinkServices services) : ILinkDialect
{
    public const string Name = "iotgw.v1";

    /// <summary>As HELLO said; 0 before it.</summary>
    private uint _epoch;
    private Catalog? _catalog;
    private uint _catalogHash;

    public WebSocketMessageType Kind => WebSocketMessageType.Binary;

    public bool StartsWithHello => true;

    public ValueTask<LinkEnd?> ReceiveAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var bytes = message.Span;
        var type = bytes.IsEmpty ? MessageType.None : (MessageType)bytes[0];
        services.Metrics.Received(type, bytes.Length);
        if (_epoch == 0 != (type == MessageType.Hello))
            return Malformed(type, DecodeError.UnknownType);
        return type switch
        {
            MessageType.Telemetry => TakeTelemetry(message, cancellationToken),
            MessageType.Hello => TakeHelloAsync(message, cancellationToken),
            MessageType.Catalog => TakeCatalogAsync(message, cancellationToken),
            MessageType.CommandResult => TakeResultAsync(message, cancellationToken),
            MessageType.Reported => TakeReportedAsync(message, cancellationToken),
            MessageType.Gap => TakeGap(message, cancellationToken),
            MessageType.Log => TakeLog(message, cancellationToken),
            MessageType.Bye => Now(TakeBye(bytes)),
            _ => Malformed(type, DecodeError.UnknownType),
        };
    }

    public bool NeedsCatalog => _epoch != 0 && _catalog is null;

    public void WriteWelcome(WireWriter writer) =>
        new Welcome(
            (ulong)services.NowMs,
            services.Journal.LastSequence(session.Device, _epoch),
            (ushort)services.Limits.PingSeconds,
            (ushort)services.Limits.MessageBytes,
            (ushort)services.Limits.Window,
            SendCatalog: _catalog is null
        ).Write(writer);

    public void Write(WireWriter writer, Ack ack) => ack.Write(writer);

    public void Write(WireWriter writer, Command command) => command.Write(writer);

    public bool TryWrite(WireWriter writer, Desired desired)
    {
        desired.Write(writer);
        return true;
    }

    public void Write(WireWriter writer, Refused refused, string reason) => refused.Write(writer);

    public void Write(WireWriter writer, RetryAfter retryAfter) => retryAfter.Write(writer);

    private async ValueTask<LinkEnd?> TakeHelloAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!Hello.TryRead(message.Span, out var hello, out var error))
            return Fail(MessageType.Hello, error);
        // Its catalog may have to be read from the disk, which is not for the thread of the sockets.
        await Task.Yield();
        _epoch = hello.Epoch;
        _catalogHash = hello.CatalogHash;
        _catalog = services.Catalogs.Find(session.Device, hello.CatalogHash);
        session.MaxMessageBytes = hello.MaxMessageBytes;
        await session.OpenAsync(hello, cancellationToken);
        return null;
    }

    private async ValueTask<LinkEnd?> TakeCatalogAsync(
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        if (!Catalog.TryRead(message.Span, out var catalog, out var error))
            return Fail(MessageType.Catalog, error);
        if (await services.Catalogs.KeepAsync(session.Device, catalog, message, cancellationToken) is not { } hash)
            return Fail(MessageType.Catalog, DecodeError.TooLarge);
        // The one that is kept, which other devices may have as well.
        (_catalog, _catalogHash) = (services.Catalogs.Find(session.Device, hash) ?? catalog, hash);
        services.Registry.SetCatalog(session.Device, _catalogHash);
        return null;
    }

    private ValueTask<LinkEnd?> TakeTelemetry(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        // Without its catalog nothing can be decoded, and refusing would make the device forget: the link ends instead.
        if (_catalog is null)
            return Malformed(MessageType.Telemetry, DecodeError.UnknownSensor);
        var admitted = TelemetryAdmission.Check(message.Span, _catalog);
        if (admitted.Error != DecodeError.None)
            return admitted.HasIdentity
                ? Refuse(admitted, TelemetryReader.ReasonFor(admitted.Error))
                : Malformed(MessageType.Telemetry, admitted.Error);
        var offset = Offset(admitted);
        if (admitted.FirstMs + offset < 0 || admitted.LastMs + offset > ProtocolLimits.LatestUnixMs)
            return Refuse(admitted, RefusedReason.TimeOutOfRange);
        if (offset == 0 && admitted.Header.Epoch == _epoch)
            session.Compare(admitted.LastMs, ref _trail);
        session.Status.Received(admitted.Readings);
        services.Metrics.Taken(admitted.Rows, admitted.Readings);
        return Append(Entry(offset, admitted.Header.Epoch, admitted.Header.Sequence), message, cancellationToken);
    }

    private async ValueTask<LinkEnd?> TakeResultAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!CommandResult.TryRead(message.Span, out var result, out var error))
            return Fail(MessageType.CommandResult, error);
        await services.Commands.CompleteAsync(session, result, cancellationToken);
        session.Settle(new Notice(result.Id));
        return null;
    }

    private async ValueTask<LinkEnd?> TakeReportedAsync(
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        if (!Reported.TryRead(message.Span, out var reported, out var error))
            return Fail(MessageType.Reported, error);
        await services.Settings.TakeReportedAsync(session.Device, reported, cancellationToken);
        session.Settle(Notice.OfSettings(reported.Version));
        return null;
    }

    private ValueTask<LinkEnd?> TakeGap(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!Gap.TryRead(message.Span, out var gap, out var error))
            return Malformed(MessageType.Gap, error);
        session.Status.CountDropped(gap.RowsDropped);
        services.Metrics.RowsDropped(gap.RowsDropped);
        return Append(Entry(Offset(gap.Clock, gap.ToMs, gap.Epoch), 0, 0), message, cancellationToken);
    }

    private ValueTask<LinkEnd?> TakeLog(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (!DeviceLog.TryRead(message.Span, out var log, out var error))
            return Malformed(MessageType.Log, error);
        return Append(Entry(Offset(log.Clock, log.AtMs, _epoch), 0, 0), message, cancellationToken);
    }

    private LinkEnd? TakeBye(ReadOnlySpan<byte> message) =>
        Bye.TryRead(message, out _, out var error) ? LinkEnd.Bye : Fail(MessageType.Bye, error);

    private JournalEntry Entry(long offset, uint epoch, uint sequence) =>
        new(session.Device, services.NowMs, _catalogHash, offset, epoch, sequence);

    private ValueTask<LinkEnd?> Append(
        JournalEntry entry,
        ReadOnlyMemory<byte> message,
        CancellationToken cancellationToken
    )
    {
        var appending = session.AppendAsync(entry, message, cancellationToken);
        return appending.IsCompletedSuccessfully ? Now(null) : WaitAsync(appending);
    }

    private static async ValueTask<LinkEnd?> WaitAsync(ValueTask appending)
    {
        await appending;
        return null;
    }

    private ValueTask<LinkEnd?> Refuse(Admitted admitted, RefusedReason reason)
    {
        services.Metrics.TelemetryRefused(reason);
        session.Status.CountRefused();
        services.LogMalformed(session.Device, MessageType.Telemetry, admitted.Error);
        session.SendRefused(new Refused(admitted.Header.Epoch, admitted.Header.Sequence, reason), reason.ToString());
        return Now(null);
    }

    private ValueTask<LinkEnd?> Malformed(MessageType type, DecodeError error) => Now(Fail(type, error));

    private LinkEnd? Fail(MessageType type, DecodeError error)
    {
        services.LogMalformed(session.Device, type, error);
        return LinkEnd.Malformed;
    }

    private static ValueTask<LinkEnd?> Now(LinkEnd? end) => ValueTask.FromResult(end);
}
