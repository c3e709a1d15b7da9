using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace IoTGateway.Faults;

/// <summary>
/// Between devices and the gateway: delays every byte, cuts connections in the middle of whatever passes, or leaves them
/// half-open, as a router does that has forgotten them. It knows nothing of TLS or WebSocket.
/// </summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Passage, Task> _open = new();
    private readonly int _port;
    private readonly Task _accepting;

    public TcpProxy(int port)
    {
        _port = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>One way; of what is read from now on.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Each connection ends after a few bytes more, in the middle of a frame or a TLS record.</summary>
    public void CutAll(Random random)
    {
        foreach (var passage in _open.Keys)
            passage.CutAfter(random.Next(1, 40));
    }

    /// <summary>Nothing passes any more, and neither side is told; connections to come are well.</summary>
    public void Forget()
    {
        foreach (var passage in _open.Keys)
            passage.Forgotten = true;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        foreach (var passage in _open.Keys)
            passage.Cut();
        await _accepting;
        await Task.WhenAll(_open.Values);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var device = await _listener.AcceptTcpClientAsync(_stop.Token);
                var passage = new Passage(this, device);
                _open[passage] = RunAsync(passage);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The proxy ends.
        }
    }

    private async Task RunAsync(Passage passage)
    {
        await Task.Yield();
        await passage.RunAsync(_port, _stop.Token);
        _open.TryRemove(passage, out _);
        passage.Dispose();
    }

    /// <summary>One connection, both ways.</summary>
    private sealed class Passage(TcpProxy proxy, TcpClient device) : IDisposable
    {
        private readonly TcpClient _gateway = new();
        private int _left = int.MaxValue;

        public bool Forgotten { get; set; }

        public void CutAfter(int bytes) => Volatile.Write(ref _left, bytes);

        public void Dispose()
        {
            device.Dispose();
            _gateway.Dispose();
        }

        /// <summary>A reset to both sides.</summary>
        public void Cut()
        {
            foreach (var side in new[] { device, _gateway })
            {
                // One that is closed already has no options to set.
                if (side.Client is { } socket)
                    socket.LingerState = new LingerOption(true, 0);
                side.Close();
            }
        }

        public async Task RunAsync(int port, CancellationToken stop)
        {
            try
            {
                await _gateway.ConnectAsync("127.0.0.1", port, stop);
                var (here, there) = (device.GetStream(), _gateway.GetStream());
                await Task.WhenAny(PumpAsync(here, there, stop), PumpAsync(there, here, stop));
            }
            catch (Exception e) when (IsEnd(e)) { }
            Cut();
        }

        /// <summary>Reads on while what was read waits for its time: a delay is not a slow line.</summary>
        private async Task PumpAsync(NetworkStream from, NetworkStream to, CancellationToken stop)
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var queue = System.Threading.Channels.Channel.CreateBounded<(byte[] Bytes, TimeSpan Delay, long At)>(1024);
            var writing = WriteAsync(queue.Reader, to, ended);
            var buffer = new byte[16 * 1024];
            try
            {
                while (await from.ReadAsync(buffer, ended.Token) is var count and > 0)
                    await queue.Writer.WriteAsync(
                        (buffer[..count], proxy.Delay, TimeProvider.System.GetTimestamp()),
                        ended.Token
                    );
            }
            catch (Exception e) when (IsEnd(e)) { }
            // A side that has forgotten the connection says nothing of its end either.
            if (Forgotten)
                await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop));
            queue.Writer.Complete();
            await writing;
        }

        private async Task WriteAsync(
            System.Threading.Channels.ChannelReader<(byte[] Bytes, TimeSpan Delay, long At)> queue,
            NetworkStream to,
            CancellationTokenSource ended
        )
        {
            try
            {
                await foreach (var (bytes, delay, at) in queue.ReadAllAsync(ended.Token))
                {
                    var wait = delay - TimeProvider.System.GetElapsedTime(at);
                    if (wait > TimeSpan.Zero)
                        await Task.Delay(wait, TimeProvider.System, ended.Token);
                    if (!Forgotten && !await PassAsync(bytes, to, ended.Token))
                        break;
                }
            }
            catch (Exception e) when (IsEnd(e)) { }
            await ended.CancelAsync();
        }

        /// <summary>False: this was the place of the cut.</summary>
        private async Task<bool> PassAsync(byte[] bytes, NetworkStream to, CancellationToken ended)
        {
            var left = Volatile.Read(ref _left);
            await to.WriteAsync(bytes.AsMemory(0, Math.Min(bytes.Length, left)), ended);
            if (left != int.MaxValue)
                Volatile.Write(ref _left, Math.Max(0, left - bytes.Length));
            if (left > bytes.Length)
                return true;
            Cut();
            return false;
        }

        private static bool IsEnd(Exception e) =>
            e
                is IOException
                    or SocketException
                    or ObjectDisposedException
                    or OperationCanceledException
                    or InvalidOperationException;
    }
}
