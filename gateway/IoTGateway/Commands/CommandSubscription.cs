using System.Threading.Channels;

namespace IoTGateway.Commands;

/// <summary>
/// Changes that one watcher has not read yet, at most 256: one who does not keep up loses the oldest, and can tell by
/// <see cref="Missed"/> that the list must be read again.
/// </summary>
internal sealed class CommandSubscription : IDisposable
{
    private const int Most = 256;

    private readonly Channel<DeviceCommand> _changes;
    private readonly string? _device;
    private readonly Action<CommandSubscription> _end;
    private long _missed;

    public CommandSubscription(string? device, Action<CommandSubscription> end)
    {
        _device = device;
        _end = end;
        _changes = Channel.CreateBounded<DeviceCommand>(
            new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            _ => Interlocked.Increment(ref _missed)
        );
    }

    /// <summary>Changes dropped unread.</summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>Each change as it comes; ends with the gateway.</summary>
    public IAsyncEnumerable<DeviceCommand> ReadAllAsync(CancellationToken cancellationToken) =>
        _changes.Reader.ReadAllAsync(cancellationToken);

    public void Publish(DeviceCommand command)
    {
        if (_device is null || _device == command.Device)
            _changes.Writer.TryWrite(command);
    }

    public void Complete() => _changes.Writer.TryComplete();

    public void Dispose() => _end(this);
}
