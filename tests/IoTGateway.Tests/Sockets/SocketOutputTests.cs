using System.Buffers;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace IoTGateway.Tests.Sockets;

/// <summary>What a connection takes, as HTTP, TLS and links write it.</summary>
public sealed class SocketOutputTests
{
    /// <summary>More than the system keeps for a peer that does not read.</summary>
    private const int Much = 16 * 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flush_sends_all_that_is_written()
    {
        await using var pair = await ConnectedPair.StartAsync();
        pair.Output.Write("one, "u8);
        pair.Output.Write("two"u8);
        Assert.Equal(8, pair.Output.UnflushedBytes);
        var result = await pair.Output.FlushAsync(Cancel);
        Assert.Equal((false, false), (result.IsCanceled, result.IsCompleted));
        Assert.Equal(0, pair.Output.UnflushedBytes);
        var read = new byte[16];
        Assert.Equal(8, await pair.Peer.ReceiveAsync(read, Cancel));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_flush_waits_while_the_peer_takes_no_more_and_loses_nothing(bool isWritten)
    {
        await using var pair = await ConnectedPair.StartAsync();
        var all = new byte[Much];
        Random.Shared.NextBytes(all);
        if (isWritten)
            pair.Output.Write(all);
        var flushing = isWritten
            ? pair.Output.FlushAsync(Cancel).AsTask()
            : pair.Output.WriteAsync(all, Cancel).AsTask();
        Assert.False(flushing.IsCompleted);
        var reading = pair.PeerReadsToEndAsync();
        await flushing.WaitAsync(Patience.Long, Cancel);
        await pair.Connection.DisposeAsync();
        Assert.True((await reading).AsSpan().SequenceEqual(all));
    }

    [Fact]
    public async Task The_end_sends_what_was_written_and_not_flushed_and_resets_nobody()
    {
        await using var pair = await ConnectedPair.StartAsync();
        // Nobody has read it: closing over it would reset the connection.
        await pair.Peer.SendAsync(new byte[1_000], Cancel);
        await Patience.UntilAsync(() => pair.Input.TryRead(out _), "what the peer has sent");
        await pair.Peer.SendAsync(new byte[10_000], Cancel);
        pair.Output.Write("the answer"u8);
        pair.Output.Complete();
        await pair.Connection.DisposeAsync();
        Assert.Equal("the answer"u8.ToArray(), await pair.PeerReadsToEndAsync());
        Assert.True(pair.Connection.ConnectionClosed.IsCancellationRequested);
    }

    [Fact]
    public async Task A_flush_under_way_is_over_when_the_connection_is_aborted()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var flushing = pair.Output.WriteAsync(new byte[Much], Cancel).AsTask();
        Assert.False(flushing.IsCompleted);
        pair.Connection.Abort();
        Assert.True((await flushing.WaitAsync(Patience.Long, Cancel)).IsCompleted);
        Assert.True((await pair.Output.FlushAsync(Cancel)).IsCompleted);
    }

    [Fact]
    public async Task A_flush_to_a_peer_that_has_gone_is_over_and_so_is_the_read()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var reading = pair.ReadAsync();
        var flushing = pair.Output.WriteAsync(new byte[Much], Cancel).AsTask();
        pair.Peer.Close(timeout: 0);
        Assert.True((await flushing.WaitAsync(Patience.Long, Cancel)).IsCompleted);
        await Assert.ThrowsAsync<ConnectionResetException>(() => reading);
        await pair.ClosedAsync();
    }

    [Fact]
    public async Task A_cancelled_flush_says_so_and_the_next_one_sends_the_rest()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var all = new byte[Much];
        Random.Shared.NextBytes(all);
        var flushing = pair.Output.WriteAsync(all, Cancel).AsTask();
        pair.Output.CancelPendingFlush();
        Assert.True((await flushing).IsCanceled);
        var reading = pair.PeerReadsToEndAsync();
        Assert.False((await pair.Output.FlushAsync(Cancel)).IsCanceled);
        await pair.Connection.DisposeAsync();
        Assert.True((await reading).AsSpan().SequenceEqual(all));
    }

    [Fact]
    public async Task What_others_add_to_a_connection_is_found_before_its_own()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var features = pair.Connection.Features;
        Assert.Same(pair.Connection, features.Get<IConnectionIdFeature>());
        Assert.Null(features.Get<ConnectedPair>());
        features.Set(pair);
        Assert.Same(pair, features.Get<ConnectedPair>());
        features.Set<ConnectedPair>(null);
        Assert.Null(features.Get<ConnectedPair>());
    }
}
