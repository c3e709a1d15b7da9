using System.Collections.Concurrent;
using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Scenarios;

/// <summary>Serves every link by the rules, until it is told to misbehave on the links of one device.</summary>
internal sealed partial class FaultyGateway(TestGateway gateway) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, DeviceJournal> _journals = new();
    private readonly ConcurrentDictionary<string, TestLink> _links = new();
    private readonly ConcurrentDictionary<string, Prepared> _vanishing = new();
    private readonly ConcurrentDictionary<string, Action> _rebooting = new();
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    public Uri LinkUri => gateway.LinkUri;

    public void Begin()
    {
        gateway.Requests = AnswerAsync;
        _accepting = AcceptAllAsync();
    }

    public DeviceJournal Journal(string device) => _journals.GetOrAdd(device, _ => new());

    /// <summary>Resets what there is to the device. False where there is nothing.</summary>
    public bool Drop(string device)
    {
        var dropsLink = _links.TryGetValue(device, out var link) && link.Drop();
        return Side(device).Drop() || dropsLink;
    }

    /// <summary>With the next message, in one of three ways. False where that is to come already.</summary>
    public bool TryVanishWithNextMessage(string device, Fault how, Action felt) =>
        _vanishing.TryAdd(device, new(how, felt));

    /// <summary>It is not let in until it is again.</summary>
    public void Refuse(string device, bool outOfReach)
    {
        if (!outOfReach)
            gateway.OutOfReach.TryRemove(device + ".", out _);
        else if (gateway.OutOfReach.TryAdd(device + ".", true))
            Drop(device);
    }

    public void Calm()
    {
        _vanishing.Clear();
        _rebooting.Clear();
        gateway.OutOfReach.Clear();
    }

    /// <summary>Commands it; it is felt when the device says that it goes. False where that is to come already.</summary>
    public async Task<bool> TryRebootAsync(string device, Action felt)
    {
        if (!_rebooting.TryAdd(device, felt))
            return false;
        var command = GatewayBytes.Command(Guid.NewGuid(), 60_000, "reboot", "{}");
        Side(device).Give(command);
        if (_links.TryGetValue(device, out var link))
            await SendAsync(link, command);
        return true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var link in _links.Values)
            link.Drop();
        foreach (var side in _sides.Values)
            side.Drop();
        await _accepting;
        await Task.WhenAll(_serving);
        _stop.Dispose();
        await gateway.DisposeAsync();
    }

    private async Task AcceptAllAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _serving.Add(ServeAsync(await gateway.AcceptAsync(_stop.Token)));
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TestLink link)
    {
        var device = link.Authorization["Bearer ".Length..].Split('.')[0];
        var journal = Journal(device);
        _links[device] = link;
        try
        {
            while (true)
                await TakeAsync(link, device, journal, await link.NextAsync(_stop.Token));
        }
        catch (Exception e) when (e is System.Threading.Channels.ChannelClosedException or OperationCanceledException)
        {
            // The link's end.
        }
    }

    private async Task TakeAsync(TestLink link, string device, DeviceJournal journal, byte[] message)
    {
        switch (message[0])
        {
            case MessageType.Hello:
                var hello = DeviceMessageReader.Hello(message)!;
                // The time of now: two boots that took the same time from it would give their rows the same times.
                var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                await SendAsync(link, GatewayBytes.Welcome(journal.Highest(hello.Epoch), 4, wantsCatalog: false, now));
                break;
            case MessageType.Gap:
                journal.Told(DeviceMessageReader.Gap(message)!);
                break;
            case MessageType.Telemetry:
                var telemetry = DeviceMessageReader.Telemetry(message, TestCatalog.Virtual)!;
                var ack = GatewayBytes.Ack(telemetry.Epoch, telemetry.Sequence);
                if (_vanishing.TryRemove(device, out var prepared))
                    await VanishAsync(link, prepared, () => journal.Store(telemetry), ack);
                journal.Store(telemetry);
                await SendAsync(link, ack);
                break;
            case MessageType.Bye:
                TakeBye(device, message);
                await QuietlyAsync(link.CloseAsync);
                break;
        }
    }

    private static async Task VanishAsync(TestLink link, Prepared prepared, Action store, byte[] answer)
    {
        if (prepared.How != Fault.GatewayGoneBeforeStoring)
            store();
        if (prepared.How == Fault.GatewayGoneWhileAnswering)
            await QuietlyAsync(() => link.SendHalfAndLeaveAsync(answer));
        else
            link.Drop();
        prepared.Felt();
        throw new OperationCanceledException();
    }

    private void TakeBye(string device, byte[] message)
    {
        if (message[1] == ByeReason.Reboot && _rebooting.TryRemove(device, out var felt))
            felt();
    }

    private static Task SendAsync(TestLink link, byte[] message) => QuietlyAsync(() => link.SendAsync(message));

    private static async Task QuietlyAsync(Func<Task> talk)
    {
        try
        {
            await talk();
        }
        catch (Exception e)
            when (e
                    is System.Net.WebSockets.WebSocketException
                        or ObjectDisposedException
                        or IOException
                        or OperationCanceledException
            )
        {
            // The device is gone; its link ends by itself.
        }
    }

    /// <param name="How">One of the three in which a gateway goes.</param>
    /// <param name="Felt">Called when it has.</param>
    private sealed record Prepared(Fault How, Action Felt);
}
