using System.Collections.Concurrent;

namespace IoTGateway.VirtualDevice.StandIns;

/// <summary>
/// The hardware under one virtual device. nanoFramework's API is static, because a board runs one program; here many
/// devices share a process, so each finds its own machine in what flows with its threads and tasks.
/// </summary>
internal sealed class Machine(string flashDirectory, TimeProvider time, Flash? flash = null) : IDisposable
{
    /// <summary>A TLS connection's two buffers.</summary>
    public const int TlsBytes = 2 * 16_700;

    private static readonly AsyncLocal<Machine?> Ambient = new();
    private readonly CancellationTokenSource _powerOff = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private long _nativeBytes;

    public static Machine Current
    {
        get =>
            Ambient.Value
            ?? throw new InvalidOperationException(
                "firmware code ran outside a virtual device: no Machine is set here"
            );
        set => Ambient.Value = value;
    }

    public string FlashDirectory { get; } = flashDirectory;

    /// <summary>It outlives the boots, where its owner hands it on.</summary>
    public Flash Flash { get; } = flash ?? new Flash(flashDirectory);

    public TimeProvider Time { get; } = time;

    /// <summary>It outlives the boots, where its owner hands it on.</summary>
    public Radio Radio { get; init; } = new();

    /// <summary>Told of every line on the serial port, from any thread.</summary>
    public Action<string>? Serial { get; init; }

    public ConcurrentDictionary<int, bool> Pins { get; } = new();

    /// <summary>The chips and signals around the board.</summary>
    public Wiring Wiring { get; init; } = new();

    /// <summary>What the WebSocket client's calls take.</summary>
    public ClientHeap ClientHeap { get; } = new();

    /// <summary>Cancelled when the power goes: sockets reset, waits end.</summary>
    public CancellationToken PowerOff => _powerOff.Token;

    /// <summary>The TLS socket that was closed last: until its finalizer has run, that closes whichever socket is new.</summary>
    public OldSocket OldSocket { get; set; }

    /// <summary>
    /// Whether the WebSocket client keeps its defect of not telling that a stream has ended. Off where a whole fleet would
    /// miss for half a minute that its gateway was killed.
    /// </summary>
    public bool SpinsAtEndOfStream { get; init; }

    /// <summary>What open connections hold outside the managed heap.</summary>
    public long NativeBytes => Interlocked.Read(ref _nativeBytes);

    public void Hold(long nativeBytes) => Interlocked.Add(ref _nativeBytes, nativeBytes);

    /// <summary>A part without power gives no values: what the firmware reads is what was there before.</summary>
    public void NeedPower()
    {
        if (_powerOff.IsCancellationRequested)
            throw new PowerOffException();
    }

    public void CutPower() => _powerOff.Cancel();

    /// <summary>The stand-ins' loops have no owner in the firmware; they end with the machine, which awaits them.</summary>
    public void Track(Task loop)
    {
        _running[loop] = true;
        _ = loop.ContinueWith(
            done => _running.TryRemove(done, out _),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
    }

    public Task LoopsEndedAsync() => Task.WhenAll(_running.Keys);

    public void Dispose() => _powerOff.Dispose();
}

internal enum OldSocket
{
    Gone,

    /// <summary>Nobody refers to it any more.</summary>
    Garbage,

    /// <summary>A collection has found it, and its finalizer waits for its turn.</summary>
    Collected,
}
