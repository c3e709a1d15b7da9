using IoTGateway.Links;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Devices;

/// <summary>
/// Brings desired settings to devices: on every connect, whatever the device reports, so that what a command, a new
/// flash or another gateway has changed comes back to what is wished; and at once when they change.
/// </summary>
internal sealed partial class SettingsDelivery(SettingsStore store, LinkTable links, ILogger<SettingsDelivery> logger)
{
    // Reading and sending are one step, or an older version could overtake a newer one.
    private readonly Lock _lock = new();

    // The version last seen of each device that came, 0 for none: who asks every second need not cost a look into the database.
    private readonly Dictionary<string, uint> _newest = [];

    /// <summary>Keeps what is wished for and sends it where the device is there.</summary>
    /// <returns>What is desired now; null where it was not the expected version.</returns>
    public async ValueTask<DesiredSettings?> PutAsync(
        string device,
        string json,
        string by,
        uint? expectedVersion,
        CancellationToken cancellationToken
    )
    {
        var desired = await store.PutAsync(device, json, by, expectedVersion, cancellationToken);
        if (desired is not null)
            Remember(device, desired.Version);
        if (desired is not null && links.Find(device) is { IsOpen: true } link)
            Deliver(link);
        return desired;
    }

    /// <summary>Sends a device what is wished of it.</summary>
    public void Deliver(DeviceSession link)
    {
        lock (_lock)
        {
            if (_newest.TryGetValue(link.Device, out var newest) && !link.IsDue(newest))
                return;
            var found = store.Find(link.Device).Desired;
            _newest[link.Device] = found?.Version ?? 0;
            if (found is not { } desired)
                return;
            if (!link.TrySend(new Desired(desired.Version, desired.Json)))
                LogUndeliverable(link.Device, desired.Version, link.MaxMessageBytes);
        }
    }

    /// <summary>Two that are kept at once come here in any order.</summary>
    private void Remember(string device, uint version)
    {
        lock (_lock)
            _newest[device] = Math.Max(version, _newest.GetValueOrDefault(device));
    }

    /// <summary>Takes what a device says it applies.</summary>
    public ValueTask TakeReportedAsync(string device, Reported reported, CancellationToken cancellationToken) =>
        store.SetReportedAsync(device, reported.Version, reported.Json, cancellationToken);

    [LoggerMessage(
        5100,
        LogLevel.Warning,
        "{Device}: settings {Version} cannot be sent: its link is not iotgw.v1, or it takes no message over {Bytes} bytes"
    )]
    private partial void LogUndeliverable(string device, uint version, int bytes);
}
