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
    private readonly ConcurrentDictionary<string, Vanishing> _vanishing = new();
    private readonly ConcurrentBag<Task> _serving = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;

    private enum Vanishing
    {
        BeforeItIsStored,
        AfterItIsStored,
        InTheMiddleOfTheAnswer,
    }

    public Uri LinkUri => gateway.LinkUri;

    public void Begin()
    {
        gateway.Requests = AnswerAsync;
        _accepting = AcceptAllAsync();
    }

    public DeviceJournal Journal(string device) => _journals.GetOrAdd(device, _ => new());

    /// <summary>The radio is lost now.</summary>
    public void Drop(string device)
    {
        if (_links.TryGetValue(device, out var link))
            link.Drop();
        Side(device).Drop();
    }

    /// <summary>With the next message: it came in, and nobody will ever say whether it is on disk.</summary>
    public void VanishWithNextMessage(string device, bool stored) =>
        _vanishing[device] = stored ? Vanishing.AfterItIsStored : Vanishing.BeforeItIsStored;

    /// <summary>With the next answer to rows: they are stored, and half of the answer arrives.</summary>
    public void CutNextAnswer(string device) => _vanishing[device] = Vanishing.InTheMiddleOfTheAnswer;

    /// <summary>The radio stays lost until it is found again.</summary>
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
        gateway.OutOfReach.Clear();
    }

    public Task SendCommandAsync(string device, string name)
    {
        var command = GatewayBytes.Command(Guid.NewGuid(), 60_000, name, "{}");
        Side(device).Give(command);
        return _links.TryGetValue(device, out var link) ? SendAsync(link, command) : Task.CompletedTask;
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
                if (_vanishing.TryRemove(device, out var how))
                {
                    if (how != Vanishing.BeforeItIsStored)
                        journal.Store(telemetry);
                    link.Drop();
                    throw new OperationCanceledException();
                }

                journal.Store(telemetry);
                await SendAsync(link, GatewayBytes.Ack(telemetry.Epoch, telemetry.Sequence));
                break;
            case MessageType.Bye:
                await QuietlyAsync(link.CloseAsync);
                break;
        }
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
}
