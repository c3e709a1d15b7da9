using System.Buffers;
using System.Net.Sockets;
using IoTGateway.Sockets;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Sockets;

/// <summary>One thread, many connections.</summary>
public sealed class SocketLoopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>
    /// The system tells of many connections at once. Until the last of them is dealt with, it may have been closed elsewhere,
    /// and its number may be another's, who has not come to his end at all.
    /// </summary>
    [Fact]
    public async Task What_was_told_of_a_connection_is_not_told_to_the_next_one_of_its_number()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var number = await ReuseAsync(pair);
        // Somebody else in this process may have taken the number first.
        for (var i = 0; i < 20 && !number; i++)
            number = await ReuseAsync(pair);
        Assert.SkipUnless(number, "No number was given twice.");
    }

    /// <summary>They are read in one call, those beyond what it takes in the next, and what does not fit is there all the same.</summary>
    [Fact]
    public async Task Of_many_connections_that_bring_something_at_once_each_gets_its_own()
    {
        await using var pair = await ConnectedPair.StartAsync();
        await using var gate = new Gate(pair.Connection);
        await pair.Peer.SendAsync(new byte[1], Cancel);
        await gate.ReachedAsync();
        var said = new List<byte[]>();
        var heard = new List<Task<byte[]>>();
        for (var i = 0; i < CallBatch.Most + 20; i++)
        {
            var (connection, peer) = await pair.ConnectAsync();
            heard.Add(ReadToEndAsync(connection));
            said.Add(
                new byte[
                    (i % 5) switch
                    {
                        0 => 1,
                        1 => CallBatch.MostBytes,
                        2 => CallBatch.MostBytes + 1,
                        3 => 0,
                        _ => 9_999,
                    }
                ]
            );
            Random.Shared.NextBytes(said[^1]);
            await peer.SendAsync(said[^1], Cancel);
            // The end comes with the bytes, behind them, or after the next.
            if (i % 2 == 0)
                peer.Shutdown(SocketShutdown.Send);
            else
                _ = EndLaterAsync(peer, gate);
        }
        gate.Open();
        for (var i = 0; i < said.Count; i++)
            Assert.True(
                (await heard[i].WaitAsync(Patience.Long, Cancel)).AsSpan().SequenceEqual(said[i]),
                $"connection {i}"
            );
    }

    private static async Task EndLaterAsync(Socket peer, Gate gate)
    {
        await gate.OpenedAsync();
        peer.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadToEndAsync(SocketConnection connection)
    {
        while (true)
        {
            var result = await connection.Input.ReadAsync(CancellationToken.None);
            var bytes = result.Buffer.ToArray();
            // What is not consumed is there again, with what follows.
            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted)
                return bytes;
        }
    }

    /// <returns>Whether the number was given twice.</returns>
    private static async Task<bool> ReuseAsync(ConnectedPair pair)
    {
        var (first, firstPeer) = await pair.ConnectAsync();
        var (second, secondPeer) = await pair.ConnectAsync();
        var (old, oldPeer) = await pair.ConnectAsync();
        await using var one = new Gate(first);
        await using var two = new Gate(second);
        // While the loop is held up by the first, two more have something to be told at once.
        await firstPeer.SendAsync(new byte[1], Cancel);
        await one.ReachedAsync();
        await secondPeer.SendAsync(new byte[1], Cancel);
        oldPeer.Close();
        one.Open();
        await two.ReachedAsync();
        var handle = old.Handle.DangerousGetHandle();
        await old.DisposeAsync();
        var (next, nextPeer) = await pair.ConnectAsync();
        var isSame = next.Handle.DangerousGetHandle() == handle;
        two.Open();
        // The loop has dealt with all that it knew when it hears of this.
        await pair.Peer.SendAsync(new byte[1], Cancel);
        await pair.ReadAsync();
        Assert.Equal((false, false), (next.IsPeerDone, next.ConnectionClosed.IsCancellationRequested));
        var reading = next.Input.ReadAsync(Cancel).AsTask();
        await nextPeer.SendAsync("alive"u8.ToArray(), Cancel);
        var result = await reading.WaitAsync(Patience.Long, Cancel);
        Assert.Equal((5, false), ((int)result.Buffer.Length, result.IsCompleted));
        next.Input.AdvanceTo(result.Buffer.End);
        return isSame;
    }

    /// <summary>Holds the loop's thread up when its connection brings something.</summary>
    private sealed class Gate : IAsyncDisposable
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();
        private readonly Task _waiting;

        public Gate(SocketConnection connection) => _waiting = WaitAsync(connection);

        public Task ReachedAsync() => _reached.Task.WaitAsync(Patience.Long, Cancel);

        public Task OpenedAsync() => _opened.Task;

        public void Open()
        {
            _open.Set();
            _opened.TrySetResult();
        }

        public async ValueTask DisposeAsync()
        {
            Open();
            await _waiting.WaitAsync(Patience.Long, CancellationToken.None);
            _open.Dispose();
        }

        private async Task WaitAsync(SocketConnection connection)
        {
            await connection.Input.ReadAsync(CancellationToken.None);
            Assert.True(connection.Loop.IsCurrent);
            _reached.SetResult();
            _open.Wait(CancellationToken.None);
        }
    }
}
