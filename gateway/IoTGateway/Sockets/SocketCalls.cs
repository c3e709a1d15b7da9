using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace IoTGateway.Sockets;

/// <summary>
/// <c>recv(2)</c> and <c>send(2)</c> that never wait. The platform's own, told not to wait, would keep for each socket what it
/// needs for waiting.
/// </summary>
internal static partial class SocketCalls
{
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int SetStatus = 4;
    private const int NonBlocking = 0x800;
    private const int Interrupted = 4;
    private const int Again = 11;

    /// <summary>Reads what there is.</summary>
    /// <returns>Bytes; 0 at the end; less where there is none now, or where <paramref name="error"/> says why none can be read.</returns>
    public static int Receive(SafeSocketHandle socket, Span<byte> room, out SocketError error)
    {
        nint read;
        do read = Receive(socket, ref MemoryMarshal.GetReference(room), (nuint)room.Length, DontWait);
        while (read < 0 && IsInterrupted());
        error = ErrorOf(read);
        return (int)read;
    }

    /// <summary>Sends what the peer takes.</summary>
    /// <returns>Bytes; less than 0 where it takes none now, or where <paramref name="error"/> says why none can be sent.</returns>
    public static int Send(SafeSocketHandle socket, ReadOnlySpan<byte> bytes, out SocketError error)
    {
        nint sent;
        do sent = Send(socket, ref MemoryMarshal.GetReference(bytes), (nuint)bytes.Length, DontWait | NoSignal);
        while (sent < 0 && IsInterrupted());
        error = ErrorOf(sent);
        return (int)sent;
    }

    /// <summary>Has the calls of <see cref="CallBatch"/>, which cannot be told not to wait, not wait on this socket.</summary>
    public static void SetNonBlocking(SafeSocketHandle socket)
    {
        if (Control(socket, SetStatus, NonBlocking) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "A connection could not be set up (fcntl).");
    }

    /// <summary>Sleeps for less than the platform's clock ticks; at most a second.</summary>
    public static void Sleep(TimeSpan time) => _ = Sleep((uint)time.TotalMicroseconds);

    private static bool IsInterrupted() => Marshal.GetLastPInvokeError() == Interrupted;

    private static SocketError ErrorOf(nint result)
    {
        if (result >= 0)
            return SocketError.Success;
        var error = Marshal.GetLastPInvokeError();
        return error == Again ? SocketError.WouldBlock : Named(error);
    }

    /// <summary>As <c>errno(3)</c> names them on Linux.</summary>
    private static SocketError Named(int error) =>
        error switch
        {
            32 => SocketError.Shutdown,
            104 => SocketError.ConnectionReset,
            103 => SocketError.ConnectionAborted,
            107 => SocketError.NotConnected,
            110 => SocketError.TimedOut,
            113 => SocketError.HostUnreachable,
            _ => SocketError.SocketError,
        };

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Receive(SafeSocketHandle socket, ref byte bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Send(SafeSocketHandle socket, ref readonly byte bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeSocketHandle socket, int operation, nint value);

    [LibraryImport("libc", EntryPoint = "usleep")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Sleep(uint microseconds);
}
