using System.Threading.Channels;

namespace IoTGateway.Mqtt.Session;

/// <summary>Wakes one waiting loop; any number of calls at once are one.</summary>
internal sealed class Wake
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    public void Set() => _channel.Writer.TryWrite(true);

    /// <summary>Returns at the next <see cref="Set"/>, or at once where one has come since the last wait.</summary>
    public async ValueTask WaitAsync(CancellationToken cancellationToken) =>
        await _channel.Reader.ReadAsync(cancellationToken);
}
