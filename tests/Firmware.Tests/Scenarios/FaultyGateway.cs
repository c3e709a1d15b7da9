using System.Collections.Concurrent;
using Firmware.Tests.Link;
using Firmware.Tests.Wire;
using IoTGateway.Device.Wire;

namespace Firmware.Tests.Scenarios;

/// <summary>A gateway's memory of one device: what a journal would hold, and the gaps it was told.</summary>
internal sealed class DeviceJournal
{
    private readonly Lock _lock = new();
    private readonly Dictionary<uint, uint> _highest = [];
    private readonly Dictionary<(uint Epoch, uint Sequence), Telemetry> _messages = [];
    private readonly List<GapMessage> _gaps = [];
    private readonly List<string> _disorder = [];

    public uint Highest(uint epoch)
    {
        lock (_lock)
            return _highest.GetValueOrDefault(epoch);
    }

    /// <summary>As PROTOCOL.md, Delivery: at or below the highest of its epoch, a message counts as sent again.</summary>
    public void Store(Telemetry telemetry)
    {
        lock (_lock)
        {
            if (telemetry.Sequence <= _highest.GetValueOrDefault(telemetry.Epoch))
            {
                if (!_messages.ContainsKey((telemetry.Epoch, telemetry.Sequence)))
                    _disorder.Add($"{telemetry.Epoch}/{telemetry.Sequence} came after a younger one");
                return;
            }

            _messages.Add((telemetry.Epoch, telemetry.Sequence), telemetry);
            _highest[telemetry.Epoch] = telemetry.Sequence;
        }
    }

    public void Told(GapMessage gap)
    {
        lock (_lock)
            _gaps.Add(gap);
    }

    public (Dictionary<(uint, uint), Telemetry> Messages, List<GapMessage> Gaps, List<string> Disorder) Read()
    {
        lock (_lock)
            return (new(_messages), [.. _gaps], [.. _disorder]);
    }
}

/// <summary>Serves every link by the rules, until it is told to misbehave on the links of one device.</summary>
internal sealed class FaultyGateway(TestGateway gateway) : IAsyncDisposable
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
    }

    public Uri LinkUri => gateway.LinkUri;

    public void Begin() => _accepting = AcceptAllAsync();

    public DeviceJournal Journal(string device) => _journals.GetOrAdd(device, _ => new());

    /// <summary>The radio is lost now.</summary>
    public void Drop(string device)
    {
        if (_links.TryGetValue(device, out var link))
            link.Drop();
    }

    /// <summary>With the next message: it came in, and nobody will ever say whether it is on disk.</summary>
    public void VanishWithNextMessage(string device, bool stored) =>
        _vanishing[device] = stored ? Vanishing.AfterItIsStored : Vanishing.BeforeItIsStored;

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

    public Task SendCommandAsync(string device, string name) =>
        _links.TryGetValue(device, out var link)
            ? SendAsync(link, GatewayBytes.Command(Guid.NewGuid(), 60_000, name, "{}"))
            : Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var link in _links.Values)
            link.Drop();
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
                await SendAsync(link, GatewayBytes.Welcome(journal.Highest(hello.Epoch), 4, wantsCatalog: false));
                break;
            case MessageType.Gap:
                journal.Told(DeviceMessageReader.Gap(message)!);
                break;
            case MessageType.Telemetry:
                var telemetry = DeviceMessageReader.Telemetry(message, TestCatalog.Virtual)!;
                if (_vanishing.TryRemove(device, out var how))
                {
                    if (how == Vanishing.AfterItIsStored)
                        journal.Store(telemetry);
                    link.Drop();
                    throw new OperationCanceledException();
                }

                journal.Store(telemetry);
                await SendAsync(link, GatewayBytes.Ack(telemetry.Epoch, telemetry.Sequence));
                break;
            case MessageType.Bye:
                await link.CloseAsync();
                break;
        }
    }

    private static async Task SendAsync(TestLink link, byte[] message)
    {
        try
        {
            await link.SendAsync(message);
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
