using System.Runtime.InteropServices;

namespace IoTGateway.Sockets;

/// <summary>
/// Linux's <c>io_submit(2)</c>: reads from many sockets, or writes to them, in one call of the system; a call of its own costs
/// more than what it does for a short message. The sockets never wait (<see cref="SocketCalls.SetNonBlocking"/>), and so all
/// is done when the call returns. For one thread at a time.
/// </summary>
internal sealed unsafe partial class CallBatch : IDisposable
{
    /// <summary>Sockets in one call.</summary>
    public const int Most = 64;

    /// <summary>Of each socket in one call.</summary>
    public const int MostBytes = 4 * 1024;

    private const ushort Read = 0;
    private const ushort Write = 1;

    private readonly ushort _kind;
    private readonly Context _context;
    private readonly byte[] _room = GC.AllocateUninitializedArray<byte>(Most * MostBytes, pinned: true);
    private readonly Call[] _calls = GC.AllocateArray<Call>(Most, pinned: true);
    private readonly nint[] _addresses = GC.AllocateArray<nint>(Most, pinned: true);
    private readonly Outcome[] _outcomes = GC.AllocateArray<Outcome>(Most, pinned: true);
    private readonly SafeHandle?[] _sockets = new SafeHandle?[Most];
    private readonly int[] _results = new int[Most];

    private CallBatch(ushort kind, Context context)
    {
        (_kind, _context) = (kind, context);
        for (var i = 0; i < Most; i++)
            _addresses[i] = AddressOf(_calls, i);
    }

    public int Count { get; private set; }

    public bool IsFull => Count == Most;

    /// <summary>For reads.</summary>
    /// <returns>Null where the system has no such call, or has given all its room for it to others.</returns>
    public static CallBatch? ForReads() => Create(Read);

    /// <inheritdoc cref="ForReads"/>
    /// <summary>For writes.</summary>
    public static CallBatch? ForWrites() => Create(Write);

    /// <summary>Where what is read from a socket comes, or what is written to it is taken from.</summary>
    public Span<byte> RoomOf(int index) => _room.AsSpan(index * MostBytes, MostBytes);

    /// <summary>Adds a socket: a read of what it has, or a write of the first <paramref name="bytes"/> of its room.</summary>
    public void Add(SafeHandle socket, int bytes = MostBytes)
    {
        // Until the call is made its number is given to no other. Where it has none any more, the system takes no call.
        var isHeld = TryHold(socket);
        _calls[Count] = new Call
        {
            Index = Count,
            Kind = _kind,
            Socket = isHeld ? (int)socket.DangerousGetHandle() : -1,
            Bytes = AddressOf(_room, Count * MostBytes),
            Length = bytes,
        };
        _sockets[Count] = isHeld ? socket : null;
        _results[Count++] = -1;
    }

    /// <summary>Makes the call; then each has its <see cref="ResultOf"/>.</summary>
    public void Submit()
    {
        if (TryHold(_context))
        {
            for (var at = 0; at < Count; )
            {
                // The system stops before one that it does not take: that one is left out.
                var taken = (int)Ask(Numbers.Submit, Number, Count - at, AddressOf(_addresses, at), 0, 0);
                if (taken > 0)
                    Settle(taken);
                at += Math.Max(1, taken);
            }
            _context.DangerousRelease();
        }
        for (var i = 0; i < Count; i++)
            _sockets[i]?.DangerousRelease();
    }

    /// <summary>Bytes read or written; 0 at the end of what comes; less where there is nothing now, or something is wrong.</summary>
    public int ResultOf(int index) => _results[index];

    /// <summary>Begins anew.</summary>
    public void Clear() => Count = 0;

    public void Dispose() => _context.Dispose();

    private nint Number => _context.DangerousGetHandle();

    private void Settle(int count)
    {
        var done = Ask(Numbers.GetEvents, Number, count, count, AddressOf(_outcomes, 0), 0);
        for (var i = 0; i < done; i++)
            _results[_outcomes[i].Index] = (int)_outcomes[i].Result;
    }

    private static CallBatch? Create(ushort kind)
    {
        nint number = 0;
        return Numbers.AreKnown && Ask(Numbers.Setup, Most, (nint)(&number), 0, 0, 0) == 0
            ? new CallBatch(kind, new Context(number))
            : null;
    }

    /// <returns>False where it is closed.</returns>
    private static bool TryHold(SafeHandle handle)
    {
        var isHeld = false;
        try
        {
            handle.DangerousAddRef(ref isHeld);
        }
        catch (ObjectDisposedException)
        {
            // As the result says.
        }
        return isHeld;
    }

    private static nint AddressOf<T>(T[] pinned, int index) => Marshal.UnsafeAddrOfPinnedArrayElement(pinned, index);

    [LibraryImport("libc", EntryPoint = "syscall")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Ask(nint number, nint first, nint second, nint third, nint fourth, nint fifth);

    /// <summary>The system's room for what it is to say, an <c>aio_context_t</c>.</summary>
    private sealed class Context : SafeHandle
    {
        public Context(nint number)
            : base(0, ownsHandle: true) => SetHandle(number);

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => Ask(Numbers.Destroy, handle, 0, 0, 0, 0) == 0;
    }

    /// <summary>The system's numbers of these calls, for which libc has no names.</summary>
    private static class Numbers
    {
        private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

        public static readonly bool AreKnown =
            OperatingSystem.IsLinux() && (IsX64 || RuntimeInformation.ProcessArchitecture == Architecture.Arm64);
        public static readonly nint Setup = IsX64 ? 206 : 0;
        public static readonly nint Destroy = IsX64 ? 207 : 1;
        public static readonly nint GetEvents = IsX64 ? 208 : 4;
        public static readonly nint Submit = IsX64 ? 209 : 2;
    }

    /// <summary>A <c>struct iocb</c> of <c>linux/aio_abi.h</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Call
    {
        [FieldOffset(0)]
        public long Index;

        [FieldOffset(16)]
        public ushort Kind;

        [FieldOffset(20)]
        public int Socket;

        [FieldOffset(24)]
        public nint Bytes;

        [FieldOffset(32)]
        public long Length;
    }

    /// <summary>A <c>struct io_event</c>.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    private struct Outcome
    {
        [FieldOffset(0)]
        public long Index;

        [FieldOffset(16)]
        public long Result;
    }
}
