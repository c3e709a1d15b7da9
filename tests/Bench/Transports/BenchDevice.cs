using System.Net;
using System.Net.Sockets;

namespace IoTGateway.Bench.Transports;

/// <summary>A device on one of the transports.</summary>
internal abstract class BenchDevice(DeviceMessages messages, SocketCount count) : IAsyncDisposable
{
    protected DeviceMessages Messages => messages;

    protected SocketCount Count => count;

    /// <summary>Connects and introduces itself: what is measured begins after that.</summary>
    public abstract Task OpenAsync();

    /// <summary>Lives until the end is asked for.</summary>
    /// <param name="rowsPerSecond">Rows it measures; 0 for none.</param>
    /// <param name="phase">0 to 1: where in its period it begins, so that all devices together make a steady load.</param>
    /// <param name="ending">When the run is over.</param>
    public abstract Task RunAsync(int rowsPerSecond, double phase, CancellationToken ending);

    public abstract ValueTask DisposeAsync();

    /// <summary>A connection whose bytes are counted.</summary>
    protected SocketsHttpHandler Connection() =>
        new()
        {
            MaxConnectionsPerServer = 1,
            UseProxy = false,
            ConnectCallback = async (_, cancellationToken) =>
                new CountingStream(await ConnectAsync(cancellationToken), count),
            SslOptions =
            {
                // Whose certificate it is matters to devices, not to a load.
                RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
            },
        };

    /// <summary>Ticks at a steady pace until the end.</summary>
    protected static async Task EveryAsync(TimeSpan period, double phase, Func<Task> act, CancellationToken ending)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            for (var tick = 0; !ending.IsCancellationRequested; tick++)
            {
                var due = (period * (tick + phase)) - TimeProvider.System.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                    await Task.Delay(due, TimeProvider.System, ending);
                await act();
            }
        }
        catch (Exception) when (ending.IsCancellationRequested)
        {
            // The run is over, and with it the connection.
        }
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }

    protected abstract int Port { get; }
}
