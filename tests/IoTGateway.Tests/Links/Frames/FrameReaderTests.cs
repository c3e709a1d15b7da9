using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using IoTGateway.Links;
using IoTGateway.Links.Frames;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Links.Frames;

/// <summary>RFC 6455, as far as a server reads it.</summary>
public sealed class FrameReaderTests
{
    private const int MaxBytes = 1000;

    public static TheoryData<string, byte[]> Broken { get; } =
        new()
        {
            { "a reserved bit", [0xC2, 0x80, 0, 0, 0, 0] },
            { "no mask", [0x82, 0x01, 7] },
            { "a reserved opcode of data", [0x83, 0x80, 0, 0, 0, 0] },
            { "a reserved opcode of control", [0x8B, 0x80, 0, 0, 0, 0] },
            { "a ping in fragments", [0x09, 0x80, 0, 0, 0, 0] },
            { "a ping of 126 bytes", [0x89, 0xFE, 0, 126, 0, 0, 0, 0, .. new byte[126]] },
            { "a continuation of nothing", [0x80, 0x80, 0, 0, 0, 0] },
            { "a message within another", [0x02, 0x80, 0, 0, 0, 0, 0x82, 0x80, 0, 0, 0, 0] },
            { "a negative length", [0x82, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
            { "a close frame of one byte", [0x88, 0x81, 0, 0, 0, 0, 3] },
            { "a close code that nobody may send", Close(1005) },
            { "a close code below all", Close(999) },
            { "a close code that is not registered", Close(2000) },
            { "a close code above all", Close(5000) },
        };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task What_no_client_may_send_is_a_protocol_error(string what, byte[] bytes)
    {
        Assert.NotEmpty(what);
        foreach (var step in (int[])[1, 3, bytes.Length])
        {
            await using var peer = new Peer();
            var reading = peer.ReadAsync();
            await peer.SendAsync(bytes, step);
            Assert.Equal(LinkEnd.ProtocolError, await reading);
            // What follows means nothing, whatever it looks like.
            var rest = peer.ReadAsync();
            await peer.SendAsync(Close(1000), 100);
            await peer.GoAsync();
            Assert.Equal(LinkEnd.Cut, await rest);
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1001)]
    [InlineData(1003)]
    [InlineData(1007)]
    [InlineData(1014)]
    [InlineData(3000)]
    [InlineData(4999)]
    public async Task The_close_code_is_read(int code)
    {
        await using var peer = new Peer();
        await peer.SendAsync(Close(code, "Grüße"), 100);
        Assert.Equal(LinkEnd.Closed, await peer.ReadAsync());
        Assert.Equal(code, (int?)peer.Reader.CloseStatus);
    }

    [Fact]
    public async Task A_close_frame_may_say_nothing_and_must_not_say_rubbish()
    {
        await using var silent = new Peer();
        await silent.SendAsync(new RawFrame(true, RawFrame.Close, []).ToBytes(), 100);
        Assert.Equal(LinkEnd.Closed, await silent.ReadAsync());
        Assert.Null(silent.Reader.CloseStatus);
        await using var rubbish = new Peer();
        await rubbish.SendAsync(new RawFrame(true, RawFrame.Close, [3, 0xE8, 0xC3, 0x28]).ToBytes(), 100);
        Assert.Equal(LinkEnd.BadUtf8, await rubbish.ReadAsync());
    }

    [Fact]
    public async Task A_ping_between_fragments_is_answered_and_changes_nothing()
    {
        await using var peer = new Peer();
        await peer.SendAsync(new RawFrame(false, RawFrame.Text, Encoding.UTF8.GetBytes("ü")[..1]).ToBytes(), 100);
        await peer.SendAsync(new RawFrame(true, RawFrame.Ping, [1, 2, 3]).ToBytes(), 100);
        await peer.SendAsync(new RawFrame(true, RawFrame.Pong, [9]).ToBytes(), 100);
        await peer.SendAsync(
            new RawFrame(true, RawFrame.Continuation, Encoding.UTF8.GetBytes("ü")[1..]).ToBytes(),
            100
        );
        Assert.Null(await peer.ReadAsync());
        Assert.Equal("ü", Encoding.UTF8.GetString(peer.Reader.Message.Span));
        Assert.Equal(WebSocketMessageType.Text, peer.Reader.Kind);
        Assert.Equal([1, 2, 3], Assert.Single(peer.Pings));
        Assert.Equal(4, peer.Reader.Frames);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_message_too_large_or_no_text_the_close_frame_is_found(bool tooLarge)
    {
        await using var peer = new Peer();
        await peer.SendAsync(
            tooLarge
                ? RawFrame.Message(new byte[MaxBytes + 1]).ToBytes()
                : new RawFrame(true, RawFrame.Text, [0xC3, 0x28]).ToBytes(),
            64
        );
        await peer.SendAsync(RawFrame.Message([1]).ToBytes(), 64);
        await peer.SendAsync(Close(1000), 64);
        Assert.Equal(tooLarge ? LinkEnd.TooLarge : LinkEnd.BadUtf8, await peer.ReadAsync());
        Assert.Equal(LinkEnd.Closed, await peer.ReadAsync());
    }

    [Fact]
    public async Task A_message_that_is_announced_too_large_is_refused_before_it_has_come()
    {
        await using var peer = new Peer();
        await peer.SendAsync(new RawFrame(false, RawFrame.Binary, new byte[MaxBytes]).ToBytes(), 4096);
        await peer.SendAsync([0x80, 0x81, 0, 0, 0, 0], 100);
        Assert.Equal(LinkEnd.TooLarge, await peer.ReadAsync());
        Assert.Equal(MaxBytes, peer.Reader.Message.Length);
    }

    [Fact]
    public async Task The_end_of_the_connection_within_a_frame_is_a_cut()
    {
        await using var peer = new Peer();
        await peer.SendAsync(RawFrame.Message(new byte[20]).ToBytes()[..^1], 100);
        await peer.GoAsync();
        Assert.Equal(LinkEnd.Cut, await peer.ReadAsync());
    }

    /// <summary>Messages of any size, in fragments, under any mask, cut anywhere: as the platform's own reader has them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Messages_are_those_that_the_platform_reads(int seed)
    {
        var random = new Random(seed);
        using var wire = new MemoryStream();
        for (var i = 0; i < 300; i++)
            WriteRandomMessage(wire, random);
        wire.Write(Close(1000));
        wire.Position = 0;
        using var platform = WebSocket.CreateFromStream(wire, new WebSocketCreationOptions { IsServer = true });
        await using var peer = new Peer();
        var sending = peer.SendAsync(wire.ToArray(), () => random.Next(1, 700));
        var messages = 0;
        while (await peer.ReadAsync() is null)
        {
            var expected = new byte[MaxBytes + 1];
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await platform.ReceiveAsync(expected.AsMemory(length), Patience.Token());
                length += part.Count;
            } while (!part.EndOfMessage);
            Assert.Equal((part.MessageType, length), (peer.Reader.Kind, peer.Reader.Message.Length));
            Assert.True(expected.AsSpan(0, length).SequenceEqual(peer.Reader.Message.Span));
            messages++;
        }
        await sending;
        Assert.Equal(300, messages);
    }

    private static void WriteRandomMessage(MemoryStream wire, Random random)
    {
        var isText = random.Next(2) == 0;
        var payload = new byte[random.Next(4) == 0 ? random.Next(MaxBytes) : random.Next(140)];
        random.NextBytes(payload);
        if (isText)
            payload = [.. payload.Select(one => (byte)(one & 0x7F))];
        var kind = isText ? RawFrame.Text : RawFrame.Binary;
        while (true)
        {
            var isFinal = random.Next(3) > 0;
            var length = isFinal ? payload.Length : random.Next(payload.Length + 1);
            WriteMasked(wire, new RawFrame(isFinal, kind, payload[..length]), random);
            if (isFinal)
                return;
            if (random.Next(3) == 0)
                WriteMasked(wire, new RawFrame(true, RawFrame.Pong, new byte[random.Next(126)]), random);
            (payload, kind) = (payload[length..], RawFrame.Continuation);
        }
    }

    private static void WriteMasked(MemoryStream wire, RawFrame frame, Random random)
    {
        var bytes = frame.ToBytes();
        var start = bytes.Length - frame.Payload.Length;
        random.NextBytes(bytes.AsSpan(start - 4, 4));
        for (var i = 0; i < frame.Payload.Length; i++)
            bytes[start + i] ^= bytes[start - 4 + (i % 4)];
        wire.Write(bytes);
    }

    private static byte[] Close(int code, string reason = "") =>
        new RawFrame(
            true,
            RawFrame.Close,
            [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]
        ).ToBytes();

    /// <summary>The other side of a pipe.</summary>
    private sealed class Peer : IAsyncDisposable
    {
        private readonly Pipe _pipe = new();

        public Peer() => Reader = new FrameReader(_pipe.Reader, MaxBytes);

        public FrameReader Reader { get; }

        public List<byte[]> Pings { get; } = [];

        public ValueTask<LinkEnd?> ReadAsync() =>
            Reader.ReadAsync(payload =>
            {
                Pings.Add(payload);
                return default;
            });

        public Task SendAsync(byte[] bytes, int step) => SendAsync(bytes, () => step);

        public async Task SendAsync(byte[] bytes, Func<int> step)
        {
            for (var sent = 0; sent < bytes.Length; )
            {
                var part = bytes.AsMemory(sent, Math.Min(step(), bytes.Length - sent));
                await _pipe.Writer.WriteAsync(part, TestContext.Current.CancellationToken);
                sent += part.Length;
            }
        }

        public async Task GoAsync() => await _pipe.Writer.CompleteAsync();

        public async ValueTask DisposeAsync()
        {
            Reader.Dispose();
            await _pipe.Writer.CompleteAsync();
            await _pipe.Reader.CompleteAsync();
        }
    }
}
