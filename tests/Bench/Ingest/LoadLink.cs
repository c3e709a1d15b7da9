using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using IoTGateway.Bench.Latency;

namespace IoTGateway.Bench.Ingest;

/// <summary>
/// A device's WebSocket, as thin as it gets, so that the load takes few of the machine's cores from the server: frames
/// with a mask of zeros, no allocation per message, acknowledgements read in their own loop.
/// </summary>
internal sealed class LoadLink : IAsyncDisposable
{
    private const int LargestBatch = 16;
    private const int FloodBytes = 32 * 1024;
    private const int Remembered = 4_096;

    /// <summary>How long a flood waits for an acknowledgement before it looks whether it shall end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly Uplink _uplink;
    private readonly byte[] _in = new byte[2 * 1024];

    // Small while a link is idle: there may be ten thousand.
    private byte[] _out = new byte[1024];
    private long[] _sentAt = [];
    private long _most = long.MaxValue;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly SemaphoreSlim _moved = new(0, 1);
    private Task _receiving = Task.CompletedTask;
    private LinkReading _reading;
    private int _held;

    private LoadLink(Socket socket, Stream stream, Uplink uplink) =>
        (_socket, _stream, _uplink) = (socket, stream, uplink);

    public uint Sent => _uplink.Sent;

    public uint Acknowledged => _uplink.Acknowledged;

    /// <summary>Told how long each ACK took, where somebody wants to know; set before the first message.</summary>
    public Latencies? Receipts { get; set; }

    /// <summary>When one of the last 4,096 messages was sent, as <see cref="Stopwatch"/> counts; with <see cref="Receipts"/>.</summary>
    public long SentAt(uint sequence) => _sentAt[sequence % Remembered];

    /// <summary>Connects, shakes hands, and says the opening words.</summary>
    /// <param name="target">Where.</param>
    /// <param name="token">The device's, or null.</param>
    /// <param name="uplink">What it says.</param>
    /// <param name="resume">Whether a TLS session from before may be gone on with.</param>
    /// <param name="reading">Who reads what the server says.</param>
    public static async Task<LoadLink> OpenAsync(
        LinkTarget target,
        string? token,
        Uplink uplink,
        bool resume = true,
        LinkReading reading = LinkReading.AtOnce
    )
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var isBlocking = reading != LinkReading.AtOnce;
        if (isBlocking)
            socket.Connect(IPAddress.Loopback, target.Port);
        else
            await socket.ConnectAsync(IPAddress.Loopback, target.Port);
        Stream stream = isBlocking ? new BlockingStream(socket) : new NetworkStream(socket, ownsSocket: true);
        if (target.Tls)
        {
            // Whose certificate it is matters to devices, not to a load.
            var tls = new SslStream(stream, false, static (_, certificate, _, _) => certificate is not null);
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", AllowTlsResume = resume }
            );
            stream = tls;
        }
        var link = new LoadLink(socket, stream, uplink);
        await link.ShakeHandsAsync(target, token);
        link._reading = reading;
        if (!isBlocking)
            link._receiving = link.ReceiveAsync();
        if (uplink.Opening() is { Length: > 0 } opening)
            await link.SendAsync(opening);
        return link;
    }

    /// <summary>Whether the server says what it has.</summary>
    public bool IsAcknowledging => _uplink.IsAcknowledged;

    /// <summary>Why the server closed the link, or null.</summary>
    public string? Closed { get; private set; }

    /// <summary>
    /// No more messages than this are sent in all; for servers that acknowledge nothing, and would else be buried under what
    /// they cannot store.
    /// </summary>
    public long Most
    {
        get => Volatile.Read(ref _most);
        set
        {
            Volatile.Write(ref _most, value);
            Moved();
        }
    }

    private long Free => Math.Min((long)_uplink.Window - (_uplink.Sent - _uplink.Acknowledged), Most - _uplink.Sent);

    /// <summary>Sends one message; back when the socket has it.</summary>
    /// <returns>False where the window is full: a device would put its rows into a later message.</returns>
    public bool TrySendNext()
    {
        if (_reading == LinkReading.WhenSending)
            TakeReceipts();
        if (Free < 1)
            return false;
        _sending.Wait();
        try
        {
            _stream.Write(_out, 0, Frame(_uplink.Opcode, Next(), _out));
            return true;
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>By which its reader waits for it.</summary>
    public SafeHandle Handle => _socket.SafeHandle;

    /// <summary>Reads what has come, where the link does not do so by itself.</summary>
    public void TakeReceipts()
    {
        while (_reading != LinkReading.AtOnce && _socket.Available > 0)
        {
            // Ends at once: nothing below waits but for the rest of a TLS record.
            if (!ReadAsync().AsTask().GetAwaiter().GetResult() || Closed is not null)
                throw new IOException($"The server has closed the link: {Closed ?? "it does not say why"}.");
        }
    }

    /// <summary>Sends as quickly as the server takes it: up to 16 messages a write, as far as the window lets.</summary>
    public async Task FloodAsync(CancellationToken ending)
    {
        if (_out.Length < FloodBytes)
            _out = new byte[FloodBytes];
        while (!ending.IsCancellationRequested)
        {
            var free = Math.Min(LargestBatch, Free);
            if (free < 1)
            {
                await _moved.WaitAsync(Patience, CancellationToken.None);
                continue;
            }
            await _sending.WaitAsync(CancellationToken.None);
            try
            {
                var length = 0;
                for (var i = 0; i < free; i++)
                    length += Frame(_uplink.Opcode, Next(), _out.AsSpan(length));
                await _stream.WriteAsync(_out.AsMemory(0, length), CancellationToken.None);
            }
            finally
            {
                _sending.Release();
            }
        }
    }

    /// <summary>A flood that waits may look again.</summary>
    private void Moved()
    {
        lock (_moved)
        {
            if (_moved.CurrentCount == 0)
                _moved.Release();
        }
    }

    private ReadOnlySpan<byte> Next()
    {
        var message = _uplink.Next();
        if (Receipts is not null)
        {
            if (_sentAt.Length == 0)
                _sentAt = new long[Remembered];
            _sentAt[_uplink.Sent % Remembered] = Stopwatch.GetTimestamp();
        }
        return message;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Close(0);
        await _receiving;
        await _stream.DisposeAsync();
        _sending.Dispose();
        _moved.Dispose();
    }

    private Task SendAsync(ReadOnlySpan<byte> message, byte? opcode = null)
    {
        _sending.Wait();
        var length = Frame(opcode ?? _uplink.Opcode, message, _out);
        return WriteAsync(length);
    }

    private async Task WriteAsync(int length)
    {
        try
        {
            await _stream.WriteAsync(_out.AsMemory(0, length), CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ShakeHandsAsync(LinkTarget target, string? token)
    {
        var request = new StringBuilder()
            .Append($"GET {target.Path} HTTP/1.1\r\nHost: localhost:{target.Port}\r\n")
            .Append("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n")
            .Append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
            .Append(target.Subprotocol is null ? "" : $"Sec-WebSocket-Protocol: {target.Subprotocol}\r\n")
            .Append(token is null ? "" : $"Authorization: Bearer {token}\r\n")
            .Append("\r\n");
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(request.ToString()));
        var length = 0;
        while (!_in.AsSpan(0, length).EndsWith("\r\n\r\n"u8))
        {
            // Byte by byte, so that nothing of the first frame is read with the answer.
            if (await _stream.ReadAsync(_in.AsMemory(length, 1)) == 0)
                break;
            length++;
        }
        var answer = Encoding.ASCII.GetString(_in, 0, length);
        if (!answer.StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
            throw new InvalidOperationException($"{target} does not open a link: {answer}");
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (await ReadAsync()) { }
        }
        catch (Exception closed) when (closed is IOException or ObjectDisposedException or SocketException) { }
    }

    /// <returns>False at the end of the connection.</returns>
    private async ValueTask<bool> ReadAsync()
    {
        var read = await _stream.ReadAsync(_in.AsMemory(_held));
        _held += read;
        var before = _uplink.Acknowledged;
        var used = await TakeFramesAsync(_held);
        for (var sequence = before + 1; sequence <= _uplink.Acknowledged; sequence++)
            Receipts?.Add(SentAt(sequence));
        _in.AsSpan(used, _held - used).CopyTo(_in);
        _held -= used;
        Moved();
        return read > 0;
    }

    /// <summary>Takes the whole frames of what was read.</summary>
    /// <returns>Bytes of the whole frames.</returns>
    private async Task<int> TakeFramesAsync(int held)
    {
        var at = 0;
        while (held - at >= 2)
        {
            int length = _in[at + 1];
            var header = 2;
            if (length == 126)
            {
                if (held - at < 4)
                    break;
                length = BinaryPrimitives.ReadUInt16BigEndian(_in.AsSpan(at + 2));
                header = 4;
            }
            if (held - at < header + length)
                break;
            var opcode = (byte)(_in[at] & 0x0F);
            var body = _in.AsMemory(at + header, length);
            if (opcode == 8)
                Closed =
                    Encoding.UTF8.GetString(body.Span[2..]) + $" ({BinaryPrimitives.ReadUInt16BigEndian(body.Span)})";
            else if (opcode == 9)
                await SendAsync(body.Span, opcode: 10);
            else if (_uplink.Take(body.Span) is { } answer)
                await SendAsync(answer);
            at += header + length;
        }
        return at;
    }

    private static int Frame(byte opcode, ReadOnlySpan<byte> body, Span<byte> into)
    {
        into[0] = (byte)(0x80 | opcode);
        var header = 2;
        if (body.Length < 126)
        {
            into[1] = (byte)(0x80 | body.Length);
        }
        else
        {
            into[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(into[2..], (ushort)body.Length);
            header = 4;
        }
        into.Slice(header, 4).Clear();
        body.CopyTo(into[(header + 4)..]);
        return header + 4 + body.Length;
    }
}

/// <summary>Where a server takes WebSockets.</summary>
/// <param name="Port">On loopback.</param>
/// <param name="Tls">wss.</param>
/// <param name="Path">Of the request.</param>
/// <param name="Subprotocol">To ask for, or null.</param>
internal readonly record struct LinkTarget(int Port, bool Tls, string Path, string? Subprotocol);

/// <summary>Who reads what a server says to a link.</summary>
internal enum LinkReading
{
    /// <summary>The link, as it comes.</summary>
    AtOnce,

    /// <summary>The link, before it sends the next message, and in <see cref="LoadLink.TakeReceipts"/>: nobody waits for it.</summary>
    WhenSending,

    /// <summary>One <see cref="LinkReader"/> for all, as it comes.</summary>
    ByOne,
}
