using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace IoTGateway.Tests;

/// <summary>
/// Makes another .NET process collect its garbage, through the diagnostic port that each has: a trace session with the
/// keyword GCHeapCollect does so when it begins. The format is that of dotnet/diagnostics, documentation/design-docs/ipc-protocol.md.
/// </summary>
internal static class GarbageCollection
{
    private const byte EventPipe = 2;
    private const byte StopTracing = 1;
    private const byte CollectTracing = 2;
    private const int HeaderBytes = 20;
    private const ulong CollectKeyword = 0x80_0000;
    private static readonly TimeSpan Pass = TimeSpan.FromMilliseconds(300);

    public static async Task ForceAsync(int processId)
    {
        using var session = await ConnectAsync(processId);
        await session.SendAsync(Message(CollectTracing, Request()));
        var answer = new byte[HeaderBytes + 8];
        await ReadAsync(session, answer);
        if (answer[17] != 0)
            throw new InvalidOperationException($"The diagnostic port of process {processId} takes no trace session.");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var trace = DrainAsync(session, patience.Token);
        await Task.Delay(Pass, TimeProvider.System, CancellationToken.None);
        using var stopping = await ConnectAsync(processId);
        await stopping.SendAsync(Message(StopTracing, answer.AsSpan(HeaderBytes)));
        await trace; // it ends after the collection
    }

    private static async Task<Socket> ConnectAsync(int processId)
    {
        var path = Directory.GetFiles(Path.GetTempPath(), $"dotnet-diagnostic-{processId}-*-socket").Max();
        if (path is null)
            throw new InvalidOperationException($"Process {processId} has no diagnostic port.");
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private static byte[] Message(byte command, ReadOnlySpan<byte> payload)
    {
        var message = new byte[HeaderBytes + payload.Length];
        Encoding.ASCII.GetBytes("DOTNET_IPC_V1\0", message);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(14), (ushort)message.Length);
        (message[16], message[17]) = (EventPipe, command);
        payload.CopyTo(message.AsSpan(HeaderBytes));
        return message;
    }

    /// <summary>Buffer in MB, format (nettrace), and one provider: keywords, level, name, no filter.</summary>
    private static byte[] Request()
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(16);
        writer.Write(1);
        writer.Write(1);
        writer.Write(CollectKeyword);
        writer.Write(4);
        const string Name = "Microsoft-Windows-DotNETRuntime\0";
        writer.Write(Name.Length);
        writer.Write(Encoding.Unicode.GetBytes(Name));
        writer.Write(0);
        return bytes.ToArray();
    }

    private static async Task DrainAsync(Socket session, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (await session.ReceiveAsync(buffer.AsMemory(), cancellation) > 0) { }
    }

    private static async Task ReadAsync(Socket socket, Memory<byte> into)
    {
        while (into.Length > 0)
        {
            var count = await socket.ReceiveAsync(into);
            if (count == 0)
                throw new InvalidOperationException("The diagnostic port was closed.");
            into = into[count..];
        }
    }
}
