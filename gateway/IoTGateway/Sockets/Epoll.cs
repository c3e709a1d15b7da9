using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace IoTGateway.Sockets;

/// <summary>Linux's <c>epoll(7)</c>: one wait for any number of sockets.</summary>
internal sealed partial class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Interrupted = 4;
    private const int EventsAtOnce = 256;

    /// <summary>The kernel packs an event on x64, and nowhere else where .NET runs on 64 bits.</summary>
    private static readonly bool IsPacked =
        RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int KeyAt = IsPacked ? 4 : 8;
    private static readonly int EventBytes = KeyAt + sizeof(long);

    private readonly SafeFileHandle _epoll;
    private readonly byte[] _events = GC.AllocateArray<byte>(EventsAtOnce * EventBytes, pinned: true);

    public Epoll()
    {
        var handle = Create(CloseOnExec);
        if (handle < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "No epoll could be made (epoll_create1).");
        _epoll = new SafeFileHandle(handle, ownsHandle: true);
    }

    /// <summary>Whether this machine has it.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux();

    /// <summary>From now on tells of <paramref name="handle"/>, until that is closed.</summary>
    /// <param name="handle">A socket, or whatever else can be waited for.</param>
    /// <param name="wish">What to tell of.</param>
    /// <param name="key">Comes with what is told.</param>
    public unsafe void Watch(SafeHandle handle, Readiness wish, long key)
    {
        var bytes = stackalloc byte[EventBytes];
        *(uint*)bytes = (uint)wish;
        Marshal.WriteInt64((nint)bytes, KeyAt, key);
        if (Control(_epoll, Add, handle, bytes) != 0)
            throw new Win32Exception(
                Marshal.GetLastPInvokeError(),
                "A connection could not be waited for (epoll_ctl)."
            );
    }

    /// <summary>Waits until there is something to tell.</summary>
    /// <param name="isPatient">False to return at once where there is nothing.</param>
    /// <returns>How many may be read.</returns>
    public unsafe int Wait(bool isPatient)
    {
        fixed (byte* events = _events)
        {
            var count = Wait(_epoll, events, EventsAtOnce, isPatient ? -1 : 0);
            if (count >= 0)
                return count;
        }
        var error = Marshal.GetLastPInvokeError();
        return error == Interrupted
            ? 0
            : throw new Win32Exception(error, "Connections cannot be waited for (epoll_wait).");
    }

    /// <summary>What the last wait has told.</summary>
    public (Readiness Readiness, long Key) Read(int index)
    {
        var bytes = _events.AsSpan(index * EventBytes, EventBytes);
        return ((Readiness)MemoryMarshal.Read<uint>(bytes), MemoryMarshal.Read<long>(bytes[KeyAt..]));
    }

    public void Dispose() => _epoll.Dispose();

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Control(SafeFileHandle epoll, int operation, SafeHandle handle, byte* wish);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Wait(SafeFileHandle epoll, byte* events, int most, int milliseconds);
}
