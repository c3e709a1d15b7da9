using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using IoTGateway.Journal;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Links.Senml;

/// <summary>
/// The text subprotocol <c>senml.json</c> (PROTOCOL.md, "senml.json"): an array is a pack, an object is control.
/// </summary>
internal sealed class SenmlDialect : ILinkDialect
{
    public const string Name = "senml.json";

    private readonly DeviceSession _session;
    private readonly LinkServices _services;
    private SenmlCatalog _growing;
    private readonly WireWriter _telemetry = new(1024);
    private Catalog _catalog = new([], []);
    private uint _catalogHash;
    private uint _packs;

    public SenmlDialect(DeviceSession session, LinkServices services)
    {
        _session = session;
        _services = services;
        if (
            services.Registry.Find(session.Device)?.CatalogHash is { } hash
            && services.Catalogs.Find(session.Device, hash) is { } known
        )
            (_catalog, _catalogHash) = (known, hash);
        _growing = new SenmlCatalog(_catalog);
    }

    public WebSocketMessageType Kind => WebSocketMessageType.Text;

    public bool StartsWithHello => false;

    public async ValueTask<LinkEnd?> ReceiveAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        _services.Metrics.Received(MessageType.Telemetry, message.Length);
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(message);
        }
        catch (JsonException)
        {
            return LinkEnd.Malformed;
        }
        using (document)
        {
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Array => await TakePackAsync(document.RootElement, cancellationToken),
                JsonValueKind.Object => await TakeControlAsync(document.RootElement, cancellationToken),
                _ => LinkEnd.Malformed,
            };
        }
    }

    public bool NeedsCatalog => false;

    public void WriteWelcome(WireWriter writer) { }

    public void Write(WireWriter writer, Ack ack) => Write(writer, new JsonObject { ["ack"] = ack.Sequence });

    public void Write(WireWriter writer, Command command) =>
        Write(
            writer,
            new JsonObject
            {
                ["command"] = new JsonObject
                {
                    ["id"] = command.Id.ToString(),
                    ["name"] = command.Name,
                    ["arguments"] = command.Json.Length == 0 ? null : JsonNode.Parse(command.Json),
                    ["ttlMs"] = command.TtlMs,
                },
            }
        );

    public bool TryWrite(WireWriter writer, Desired desired) => false;

    public void Write(WireWriter writer, Refused refused, string reason) =>
        Write(writer, new JsonObject { ["refused"] = refused.Sequence, ["reason"] = reason });

    public void Write(WireWriter writer, RetryAfter retryAfter) =>
        Write(writer, new JsonObject { ["retryAfterMs"] = retryAfter.Milliseconds });

    private static void Write(WireWriter writer, JsonObject message) =>
        writer.Bytes(System.Text.Encoding.UTF8.GetBytes(message.ToJsonString()));

    private async ValueTask<LinkEnd?> TakePackAsync(JsonElement pack, CancellationToken cancellationToken)
    {
        _packs++;
        if (await TranslateAsync(pack, cancellationToken) is { } reason)
        {
            _services.Metrics.TelemetryRefused(RefusedReason.Malformed);
            _session.Status.CountRefused();
            _session.SendRefused(new Refused(0, _packs, RefusedReason.Malformed), reason);
            return null;
        }
        var entry = new JournalEntry(_session.Device, _services.NowMs, _catalogHash, 0, Epoch: 0, _packs);
        await _session.AppendAsync(entry, _telemetry.WrittenMemory, cancellationToken);
        return null;
    }

    private async ValueTask<string?> TranslateAsync(JsonElement pack, CancellationToken cancellationToken)
    {
        if (SenmlPack.TryRead(pack, _session.Device, _services.NowMs, out var records) is { } unread)
            return unread;
        foreach (var record in records)
        {
            if (_growing.Admit(record) is { } full)
                return full;
        }
        if (_growing.Changed && await KeepCatalogAsync(_growing.Build(), cancellationToken) is { } unkept)
        {
            // Back to what is kept: the names of this pack are not.
            _growing = new SenmlCatalog(_catalog);
            return unkept;
        }
        if (SenmlTelemetry.Write(_telemetry, records, _catalog, _packs) is { } unwritten)
            return unwritten;
        var rows = records.DistinctBy(record => (record.Measurement, record.TimeMs)).Count();
        _session.Status.Received(records.Count);
        _services.Metrics.Taken(rows, records.Count);
        return null;
    }

    /// <summary>Keeps a catalog that has grown.</summary>
    /// <returns>Why that cannot be; null where it can.</returns>
    private async ValueTask<string?> KeepCatalogAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        var writer = new WireWriter();
        catalog.Write(writer);
        if (writer.Length > ProtocolLimits.MessageBytes)
            return $"all names of this device together are longer than {ProtocolLimits.MessageBytes} bytes";
        if (
            await _services.Catalogs.KeepAsync(_session.Device, catalog, writer.WrittenMemory, cancellationToken)
            is not { } hash
        )
            return "this device has described itself in too many ways";
        (_catalog, _catalogHash) = (catalog, hash);
        _services.Registry.SetCatalog(_session.Device, hash);
        return null;
    }

    private static bool TryReadOutcome(JsonElement word, out CommandOutcome outcome)
    {
        outcome = Enum.GetValues<CommandOutcome>()
            .FirstOrDefault(known => word.ValueEquals(JsonNamingPolicy.CamelCase.ConvertName(known.ToString())));
        return Enum.IsDefined(outcome);
    }

    private async ValueTask<LinkEnd?> TakeControlAsync(JsonElement control, CancellationToken cancellationToken)
    {
        try
        {
            if (!TryReadResult(control, out var result))
                return LinkEnd.Malformed;
            await _services.Commands.CompleteAsync(_session, result, cancellationToken);
            _session.Settle(new Notice(result.Id));
            return null;
        }
        catch (InvalidOperationException)
        {
            // JSON may escape half of a surrogate pair, which no string can hold.
            return LinkEnd.Malformed;
        }
    }

    private static bool TryReadResult(JsonElement control, out CommandResult result)
    {
        result = default;
        if (
            !control.TryGetProperty("result", out var body)
            || body.ValueKind != JsonValueKind.Object
            || !body.TryGetProperty("id", out var id)
            || id.ValueKind != JsonValueKind.String
            || !id.TryGetGuid(out var command)
            || !body.TryGetProperty("outcome", out var word)
            || word.ValueKind != JsonValueKind.String
            || !TryReadOutcome(word, out var outcome)
        )
            return false;
        var value = body.TryGetProperty("value", out var json) ? json.GetRawText() : string.Empty;
        result = new CommandResult(command, outcome, value);
        return true;
    }
}
