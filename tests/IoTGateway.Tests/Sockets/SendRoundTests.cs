using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using IoTGateway.Sockets;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Sockets;

/// <summary>What several connections send at once. A round begins and ends on one thread, so nothing is awaited in between.</summary>
public sealed class SendRoundTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Flushes_of_a_round_wait_for_its_end_and_send_all()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var (other, otherPeer) = await pair.ConnectAsync();
        using var round = Round();
        round.Begin();
        pair.Output.Write("one, "u8);
        pair.Output.Write("two"u8);
        var first = pair.Output.FlushAsync(Cancel);
        var second = other.Output.WriteAsync("three"u8.ToArray(), Cancel);
        var waited = (first.IsCompleted, second.IsCompleted);
        round.End();
        var done = (first.IsCompleted, second.IsCompleted);
        var results = (await first, await second);
        Assert.Equal(((false, false), (true, true)), (waited, done));
        Assert.Equal((false, false), (results.Item1.IsCompleted, results.Item2.IsCompleted));
        await other.DisposeAsync();
        await pair.Connection.DisposeAsync();
        Assert.Equal("one, two"u8.ToArray(), await pair.PeerReadsToEndAsync());
        var read = new byte[16];
        Assert.Equal(5, await otherPeer.ReceiveAsync(read, Cancel));
    }

    /// <summary>More than one call of the system takes.</summary>
    [Fact]
    public async Task A_round_takes_any_number_of_connections()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var all = new List<(SocketConnection Connection, Socket Peer)>();
        for (var i = 0; i < CallBatch.Most + 10; i++)
            all.Add(await pair.ConnectAsync());
        using var round = Round();
        round.Begin();
        var flushes = all.ConvertAll(one => one.Connection.Output.WriteAsync("receipt"u8.ToArray(), Cancel).AsTask());
        round.End();
        foreach (var flush in flushes)
            Assert.False((await flush.WaitAsync(Patience.Long, Cancel)).IsCompleted);
        foreach (var (_, peer) in all)
            Assert.Equal(7, await peer.ReceiveAsync(new byte[16], Cancel));
    }

    /// <summary>The loop is told that it can be written to meanwhile, and what is under way is not sent twice.</summary>
    [Theory]
    [InlineData(5)]
    [InlineData(CallBatch.MostBytes)]
    [InlineData(CallBatch.MostBytes + 1)]
    [InlineData(16 * 1024 * 1024)]
    public async Task All_comes_once_and_in_its_order_however_much_it_is(int bytes)
    {
        await using var pair = await ConnectedPair.StartAsync();
        var all = new byte[bytes];
        Random.Shared.NextBytes(all);
        // Reading makes it ready for both.
        var reading = pair.ReadAsync();
        using var round = Round();
        round.Begin();
        var flushing = pair.Output.WriteAsync(all, Cancel).AsTask();
        pair.Peer.Send("go on"u8);
        while (!reading.IsCompleted)
            Thread.Yield();
        round.End();
        var said = pair.PeerReadsToEndAsync();
        await flushing.WaitAsync(Patience.Long, Cancel);
        await pair.Output.WriteAsync("."u8.ToArray(), Cancel);
        await pair.Connection.DisposeAsync();
        Assert.True((await said).AsSpan().SequenceEqual([.. all, (byte)'.']));
    }

    /// <summary>A peer that takes nothing more holds up nobody but itself.</summary>
    [Fact]
    public async Task What_the_peer_does_not_take_goes_when_it_does()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var much = new byte[16 * 1024 * 1024];
        long sent = 0;
        using var round = Round();
        Task<FlushResult> flushing;
        do
        {
            // What was on its way makes room again when it has come.
            for (int more; (more = SocketCalls.Send(pair.Connection.Handle, much, out _)) > 0; )
                sent += more;
            round.Begin();
            flushing = pair.Output.WriteAsync("the rest"u8.ToArray(), Cancel).AsTask();
            round.End();
            sent += 8;
        } while (flushing.IsCompleted);
        var reading = pair.PeerReadsToEndAsync();
        await flushing.WaitAsync(Patience.Long, Cancel);
        await pair.Connection.DisposeAsync();
        var all = await reading;
        Assert.Equal(sent, all.Length);
        Assert.Equal("the rest"u8.ToArray(), all[^8..]);
    }

    [Theory]
    [InlineData("aborted")]
    [InlineData("disposed")]
    [InlineData("reset by its peer")]
    public async Task A_connection_that_ends_within_a_round_ends_its_flush_and_holds_up_no_other(string how)
    {
        await using var pair = await ConnectedPair.StartAsync();
        var (other, otherPeer) = await pair.ConnectAsync();
        using var round = Round();
        var ended = EndWithin(round, pair, other, how, out var flushing, out var others);
        await ended.WaitAsync(Patience.Long, Cancel);
        var result = await flushing.WaitAsync(Patience.Long, Cancel);
        if (how == "aborted")
            Assert.True(result.IsCompleted);
        Assert.False((await others.WaitAsync(Patience.Long, Cancel)).IsCompleted);
        Assert.Equal(5, await otherPeer.ReceiveAsync(new byte[16], Cancel));
        await Patience.UntilAsync(
            async () => (await pair.Output.FlushAsync(Cancel)).IsCompleted,
            "the connection takes no more"
        );
    }

    private static Task EndWithin(
        SendRound round,
        ConnectedPair pair,
        SocketConnection other,
        string how,
        out Task<FlushResult> flushing,
        out Task<FlushResult> others
    )
    {
        round.Begin();
        flushing = pair.Output.WriteAsync("lost"u8.ToArray(), Cancel).AsTask();
        var ended = Task.CompletedTask;
        if (how == "reset by its peer")
            pair.Peer.Close(timeout: 0);
        else
            // The socket is not closed before the round is over.
            ended = Task.Run(
                async () =>
                {
                    if (how == "aborted")
                        pair.Connection.Abort();
                    else
                        await pair.Connection.DisposeAsync();
                },
                Cancel
            );
        while (how == "aborted" && pair.Connection.Failure is null)
            Thread.Yield();
        others = other.Output.WriteAsync("other"u8.ToArray(), Cancel).AsTask();
        round.End();
        return ended;
    }

    [Fact]
    public async Task A_flush_of_a_round_that_is_cancelled_says_so_when_that_ends_and_has_sent()
    {
        await using var pair = await ConnectedPair.StartAsync();
        using var round = Round();
        round.Begin();
        var flushing = pair.Output.WriteAsync("one"u8.ToArray(), Cancel).AsTask();
        pair.Output.CancelPendingFlush();
        round.End();
        Assert.True((await flushing.WaitAsync(Patience.Long, Cancel)).IsCanceled);
        Assert.False((await pair.Output.WriteAsync("two"u8.ToArray(), Cancel)).IsCanceled);
        await pair.Connection.DisposeAsync();
        Assert.Equal("onetwo"u8.ToArray(), await pair.PeerReadsToEndAsync());
    }

    [Fact]
    public async Task A_round_that_is_disposed_sends_all_the_same()
    {
        await using var pair = await ConnectedPair.StartAsync();
        var round = Round();
        round.Dispose();
        round.Begin();
        var flushing = pair.Output.WriteAsync("one"u8.ToArray(), Cancel).AsTask();
        round.End();
        Assert.False((await flushing.WaitAsync(Patience.Long, Cancel)).IsCompleted);
        Assert.Equal(3, await pair.Peer.ReceiveAsync(new byte[16], Cancel));
    }

    private static SendRound Round()
    {
        using (var writes = CallBatch.ForWrites())
            Assert.SkipWhen(writes is null, "This system has no io_submit(2).");
        return new SendRound();
    }
}
