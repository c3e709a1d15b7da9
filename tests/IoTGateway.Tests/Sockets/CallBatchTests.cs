using System.Net.Sockets;
using IoTGateway.Sockets;

namespace IoTGateway.Tests.Sockets;

/// <summary>Many sockets, one call of the system.</summary>
public sealed class CallBatchTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_says_of_each_socket_what_came_that_nothing_came_or_that_it_is_the_end()
    {
        await using var pair = await ConnectedPair.StartAsync();
        using var reads = Reads();
        var (silent, _) = await pair.ConnectAsync();
        var (ended, endedPeer) = await pair.ConnectAsync();
        var (closed, _) = await pair.ConnectAsync();
        var (last, lastPeer) = await pair.ConnectAsync();
        await pair.Peer.SendAsync("one"u8.ToArray(), Cancel);
        await lastPeer.SendAsync("last"u8.ToArray(), Cancel);
        endedPeer.Shutdown(SocketShutdown.Send);
        var handle = closed.Handle;
        await closed.DisposeAsync();
        reads.Add(pair.Connection.Handle);
        reads.Add(silent.Handle);
        // The system takes no call with it, and those behind it are not held up.
        reads.Add(handle);
        reads.Add(ended.Handle);
        reads.Add(last.Handle);
        reads.Submit();
        Assert.Equal("one"u8.ToArray(), reads.RoomOf(0)[..reads.ResultOf(0)].ToArray());
        Assert.InRange(reads.ResultOf(1), int.MinValue, -1);
        Assert.InRange(reads.ResultOf(2), int.MinValue, -1);
        Assert.Equal(0, reads.ResultOf(3));
        Assert.Equal("last"u8.ToArray(), reads.RoomOf(4)[..reads.ResultOf(4)].ToArray());
    }

    [Fact]
    public async Task A_write_says_of_each_socket_how_much_it_took()
    {
        await using var pair = await ConnectedPair.StartAsync();
        using var writes = Writes();
        var (full, _) = await pair.ConnectAsync();
        do
        {
            // Its peer does not read; what was on its way makes room again when it has come.
            while (SocketCalls.Send(full.Handle, new byte[64 * 1024], out _) > 0) { }
            writes.Clear();
            writes.Add(full.Handle);
            "hello"u8.CopyTo(writes.RoomOf(1));
            writes.Add(pair.Connection.Handle, 5);
            writes.Submit();
            Assert.Equal(5, writes.ResultOf(1));
        } while (writes.ResultOf(0) > 0);
        Assert.InRange(writes.ResultOf(0), int.MinValue, -1);
        var read = new byte[16];
        Assert.InRange(await pair.Peer.ReceiveAsync(read, Cancel), 5, read.Length);
        Assert.Equal("hello"u8.ToArray(), read[..5]);
    }

    /// <summary>Its sockets are held until the call is made, and no longer.</summary>
    [Fact]
    public async Task A_batch_is_used_again_and_keeps_no_socket_open()
    {
        await using var pair = await ConnectedPair.StartAsync();
        using var writes = Writes();
        for (var round = 0; round < 3; round++)
        {
            while (!writes.IsFull)
            {
                writes.RoomOf(writes.Count)[0] = (byte)writes.Count;
                writes.Add(pair.Connection.Handle, 1);
            }
            writes.Submit();
            for (var i = 0; i < CallBatch.Most; i++)
                Assert.Equal(1, writes.ResultOf(i));
            writes.Clear();
            Assert.Equal(0, writes.Count);
        }
        await pair.Connection.DisposeAsync();
        var all = await pair.PeerReadsToEndAsync();
        Assert.Equal([.. Enumerable.Range(0, 3 * CallBatch.Most).Select(i => (byte)(i % CallBatch.Most))], all);
    }

    [Fact]
    public async Task A_batch_that_is_disposed_sends_nothing()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var writes = Writes();
        writes.Dispose();
        writes.Add(pair.Connection.Handle, 1);
        writes.Submit();
        Assert.Equal(-1, writes.ResultOf(0));
        await pair.Connection.DisposeAsync();
        Assert.Empty(await pair.PeerReadsToEndAsync());
    }

    private static CallBatch Reads()
    {
        var reads = CallBatch.ForReads();
        Assert.SkipWhen(reads is null, "This system has no io_submit(2).");
        return reads;
    }

    private static CallBatch Writes()
    {
        var writes = CallBatch.ForWrites();
        Assert.SkipWhen(writes is null, "This system has no io_submit(2).");
        return writes;
    }
}
