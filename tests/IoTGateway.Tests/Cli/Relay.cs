using System.Net;
using System.Net.Sockets;

namespace IoTGateway.Tests.Cli;

/// <summary>Passes the bytes of TCP connections on, so that a gateway is met under another address.</summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private Task _loop = Task.CompletedTask;

    private Relay(Uri from) => _listener = new TcpListener(IPAddress.Parse(from.Host), from.Port);

    public static Task<Relay> StartAsync(Uri from, Uri to)
    {
        var relay = new Relay(from);
        relay._listener.Start();
        relay._loop = relay.RunAsync(to);
        return Task.FromResult(relay);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _loop;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(Uri to)
    {
        var running = new List<Task>();
        try
        {
            while (true)
                running.Add(PassAsync(await _listener.AcceptTcpClientAsync(_end.Token), to));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(running);
        }
    }

    private async Task PassAsync(TcpClient near, Uri to)
    {
        using var far = new TcpClient();
        using (near)
        {
            try
            {
                await far.ConnectAsync(to.Host, to.Port, _end.Token);
                // Asked for before anything can have ended: a client that was reset gives none.
                var (here, there) = (near.GetStream(), far.GetStream());
                await Task.WhenAny(here.CopyToAsync(there, _end.Token), there.CopyToAsync(here, _end.Token));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                // One side has gone; the test sees it at the other.
            }
        }
    }
}
