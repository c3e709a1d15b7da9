using System.Net;
using System.Net.Sockets;
using System.Text;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Mqtt;

/// <summary>The other end of a socket, for what no real broker does on demand: bytes in, bytes out.</summary>
internal sealed class RawBroker : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private NetworkStream? _stream;
    private TcpClient? _client;

    public RawBroker() => _listener.Start();

    public string Url => $"mqtt://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    private NetworkStream Stream => _stream ?? throw new InvalidOperationException("Nobody has connected.");

    /// <summary>Takes the next connection and its CONNECT, and answers.</summary>
    /// <param name="answer">Hexadecimal digits of the CONNACK; empty: none.</param>
    /// <returns>The CONNECT.</returns>
    public async Task<byte[]> AcceptAsync(string answer)
    {
        Close();
        _client = await _listener.AcceptTcpClientAsync(Patience.Token());
        _stream = _client.GetStream();
        var connect = await ReadAsync();
        Assert.Equal(0x10, connect[0]);
        await SendAsync(answer);
        return connect;
    }

    public async Task SendAsync(string hex) =>
        await Stream.WriteAsync(
            Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)),
            Patience.Token()
        );

    /// <summary>The next packet of the client; empty where it has closed.</summary>
    public async Task<byte[]> ReadAsync()
    {
        var header = new byte[2];
        if (await Stream.ReadAtLeastAsync(header, 2, throwOnEndOfStream: false, Patience.Token()) < 2)
            return [];
        // §1.5.5: up to 127 in one byte, up to 16,383 in two; the test reads no longer ones.
        int length = header[1];
        if (length >= 0x80)
        {
            header = [.. header, 0];
            await Stream.ReadExactlyAsync(header.AsMemory(2), Patience.Token());
            length = (length & 0x7F) | (header[2] << 7);
        }
        var packet = new byte[header.Length + length];
        header.CopyTo(packet, 0);
        await Stream.ReadExactlyAsync(packet.AsMemory(header.Length), Patience.Token());
        return packet;
    }

    /// <summary>Reads packets until one holds some text; empty where the client has closed instead.</summary>
    public async Task<byte[]> ReadUntilAsync(byte type, string text)
    {
        while (await ReadAsync() is { Length: > 0 } packet)
        {
            if ((packet[0] & 0xF0) == type && Encoding.UTF8.GetString(packet).Contains(text, StringComparison.Ordinal))
                return packet;
        }
        return [];
    }

    public async Task<string> ReadHexAsync() => Convert.ToHexStringLower(await ReadAsync());

    /// <summary>Whether something has come that was not read.</summary>
    public bool HasMore => Stream.DataAvailable;

    public void Close()
    {
        _stream?.Dispose();
        _client?.Dispose();
    }

    public void Dispose()
    {
        Close();
        _listener.Dispose();
    }
}
