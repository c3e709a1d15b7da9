using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Connections;

namespace IoTGateway.Tests.Sockets;

/// <summary>What a connection brings, as HTTP, TLS and links read it.</summary>
public sealed class SocketInputTests
{
    private static readonly byte[] Ok = "ok"u8.ToArray();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_waits_for_what_comes()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.ReadAsync();
        Assert.False(reading.IsCompleted);
        await pair.Peer.SendAsync("one"u8.ToArray(), Cancel);
        Assert.Equal("one"u8.ToArray(), await reading);
        await pair.Peer.SendAsync("two"u8.ToArray(), Cancel);
        Assert.Equal("two"u8.ToArray(), await pair.ReadAsync());
    }

    [Fact]
    public async Task What_is_examined_and_not_consumed_comes_again_with_what_follows_however_it_is_cut()
    {
        await using var pair = await ConnectedPair.StartAsync();
        // Beyond the first buffer, the large one, and twice that.
        var all = new byte[200_000];
        Random.Shared.NextBytes(all);
        var sending = SendInPiecesAsync(pair, all);
        ReadOnlySequence<byte> seen = default;
        while (seen.Length < all.Length)
        {
            var result = await pair.Input.ReadAsync(Cancel);
            seen = result.Buffer;
            Assert.True(seen.ToArray().AsSpan().SequenceEqual(all.AsSpan(0, (int)seen.Length)));
            if (seen.Length < all.Length)
                pair.Input.AdvanceTo(seen.Start, seen.End);
        }
        pair.Input.AdvanceTo(seen.End);
        await sending;
    }

    [Fact]
    public async Task What_is_not_examined_is_there_at_once()
    {
        await using var pair = await ConnectedPair.StartAsync();
        await pair.Peer.SendAsync("onetwo"u8.ToArray(), Cancel);
        var first = await pair.Input.ReadAsync(Cancel);
        pair.Input.AdvanceTo(first.Buffer.GetPosition(3));
        Assert.True(pair.Input.TryRead(out var second));
        Assert.Equal("two"u8.ToArray(), second.Buffer.ToArray());
        pair.Input.AdvanceTo(second.Buffer.End);
        Assert.False(pair.Input.TryRead(out _));
    }

    [Fact]
    public async Task The_end_comes_behind_all_that_was_sent()
    {
        await using var pair = await ConnectedPair.StartAsync();
        await pair.Peer.SendAsync("last words"u8.ToArray(), Cancel);
        pair.Peer.Close();
        var said = new List<byte>();
        while (true)
        {
            var result = await pair.Input.ReadAsync(Cancel);
            said.AddRange(result.Buffer.ToArray());
            pair.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                break;
        }
        Assert.Equal("last words"u8.ToArray(), said);
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task The_end_is_told_where_nobody_reads()
    {
        await using var pair = await ConnectedPair.StartAsync();
        pair.Peer.Close();
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task The_end_is_told_to_whoever_has_read_the_last_and_reads_no_more()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.ReadAsync();
        await pair.Peer.SendAsync("a request"u8.ToArray(), Cancel);
        Assert.Equal("a request"u8.ToArray(), await reading);
        await pair.Peer.SendAsync("and more"u8.ToArray(), Cancel);
        pair.Peer.Close();
        // What has come is not lost by that; and until it is read, the end has not been reached.
        Assert.Equal("and more"u8.ToArray(), await pair.ReadAsync());
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task A_reset_fails_the_read_under_way_and_is_told()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.ReadAsync();
        pair.Peer.Close(timeout: 0);
        await Assert.ThrowsAsync<ConnectionResetException>(() => reading);
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task An_abort_fails_the_read_under_way_and_resets_the_peer()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.ReadAsync();
        pair.Connection.Abort(new ConnectionAbortedException("for the test"));
        var failure = await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading);
        Assert.Equal("for the test", failure.Message);
        await Assert.ThrowsAsync<IOException>(pair.PeerReadsToEndAsync);
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task A_cancelled_read_says_so_and_the_next_one_reads()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.Input.ReadAsync(Cancel);
        pair.Input.CancelPendingRead();
        var result = await reading;
        Assert.True(result.IsCanceled);
        pair.Input.AdvanceTo(result.Buffer.End);
        await pair.Peer.SendAsync("one"u8.ToArray(), Cancel);
        Assert.Equal("one"u8.ToArray(), await pair.ReadAsync());
    }

    [Fact]
    public async Task A_token_ends_the_read_under_way_and_the_next_one_reads()
    {
        await using var pair = await ConnectedPair.StartAsync();
        using var deadline = new CancellationTokenSource();
        var reading = pair.Input.ReadAsync(deadline.Token).AsTask();
        await deadline.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => reading);
        await pair.Peer.SendAsync("one"u8.ToArray(), Cancel);
        Assert.Equal("one"u8.ToArray(), await pair.ReadAsync());
    }

    /// <summary>A reader that never waits would have the loop's thread for ever.</summary>
    [Fact]
    public async Task Whoever_floods_leaves_the_others_their_turn()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var (other, otherPeer) = await pair.ConnectAsync();
        var flooding = FloodAsync(pair.Peer);
        var drinking = DrinkAsync(pair.Input);
        for (var i = 0; i < 20; i++)
        {
            var reading = other.Input.ReadAsync(Cancel);
            await otherPeer.SendAsync("me too"u8.ToArray(), Cancel);
            var result = await reading.AsTask().WaitAsync(Patience.Long, Cancel);
            other.Input.AdvanceTo(result.Buffer.End);
        }
        pair.Peer.Close();
        await flooding;
        Assert.True(await drinking > 0);
    }

    /// <summary>Once it is warm: neither for the read nor for its waiting.</summary>
    [Fact]
    public async Task Reading_allocates_nothing()
    {
        const int Rounds = 2_000;
        await using var pair = await ConnectedPair.StartAsync();
        var measuring = MeasureAsync(pair, Rounds);
        var answer = new byte[16];
        for (var i = 0; i < Rounds; i++)
        {
            await pair.Peer.SendAsync(Ok, Cancel);
            Assert.Equal(Ok.Length, await pair.Peer.ReceiveAsync(answer, Cancel));
        }
        Assert.Equal(0, await measuring);
    }

    private static async Task<long> MeasureAsync(ConnectedPair pair, int rounds)
    {
        long before = 0;
        for (var i = 0; i < rounds; i++)
        {
            var result = await pair.Input.ReadAsync(CancellationToken.None);
            pair.Input.AdvanceTo(result.Buffer.End);
            if (i == rounds / 2)
                before = GC.GetAllocatedBytesForCurrentThread();
            if (i == rounds - 1)
                before = GC.GetAllocatedBytesForCurrentThread() - before;
            await pair.Output.WriteAsync(Ok, CancellationToken.None);
        }
        return before;
    }

    private static async Task SendInPiecesAsync(ConnectedPair pair, byte[] all)
    {
        for (var at = 0; at < all.Length; )
        {
            var size = Math.Min(Random.Shared.Next(1, 9_000), all.Length - at);
            await pair.Peer.SendAsync(all.AsMemory(at, size), Cancel);
            at += size;
        }
    }

    private static async Task FloodAsync(Socket peer)
    {
        var bytes = new byte[256 * 1024];
        try
        {
            while (true)
                await peer.SendAsync(bytes, Cancel);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static async Task<long> DrinkAsync(PipeReader input)
    {
        long drunk = 0;
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(CancellationToken.None);
                drunk += result.Buffer.Length;
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return drunk;
            }
        }
        catch (ConnectionResetException)
        {
            return drunk;
        }
    }
}
