using System.Diagnostics;
using System.Globalization;
using IoTGateway.Tests;

namespace IoTGateway.Bench.Ingest;

/// <summary>A server under test: what it prints is kept for when it fails, what it uses is read from /proc.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    private const double TicksPerSecond = 100; // USER_HZ, the same on every Linux

    private readonly Process _process;
    private readonly Queue<string> _lastLines = new();

    private BenchProcess(Process process) => _process = process;

    /// <summary>Starts a program and waits until it says that it is ready.</summary>
    /// <param name="program">Found on PATH, or a path.</param>
    /// <param name="arguments">As the program takes them.</param>
    /// <param name="isReady">Asked again and again for at most 60 s.</param>
    /// <param name="environment">Added to this process's own.</param>
    public static async Task<BenchProcess> StartAsync(
        string program,
        IEnumerable<string> arguments,
        Func<Task<bool>> isReady,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        var started = new BenchProcess(Process.Start(start) ?? throw new InvalidOperationException($"{program}?"));
        started._process.OutputDataReceived += started.Keep;
        started._process.ErrorDataReceived += started.Keep;
        started._process.BeginOutputReadLine();
        started._process.BeginErrorReadLine();
        try
        {
            await started.UntilReadyAsync(isReady);
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
        return started;
    }

    /// <summary>User and system time since its start, in seconds, threads that ended included.</summary>
    public double CpuSeconds()
    {
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        // The name in brackets may hold spaces: count from behind it. utime and stime are fields 14 and 15.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (Ticks(fields[11]) + Ticks(fields[12])) / TicksPerSecond;
    }

    /// <summary>Resident memory in bytes.</summary>
    public long ResidentBytes()
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status")
            .First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * Ticks(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
    }

    /// <summary>Of a .NET process: what was freed goes back to the system in the second collection.</summary>
    public async Task CollectGarbageAsync()
    {
        for (var round = 0; round < 2; round++)
            await GarbageCollection.ForceAsync(_process.Id);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static long Ticks(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task UntilReadyAsync(Func<Task<bool>> isReady)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isReady())
        {
            if (_process.HasExited || limit.IsCancellationRequested)
                throw new InvalidOperationException($"The server is not ready: {LastLines()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken.None);
        }
    }

    private string LastLines()
    {
        lock (_lastLines)
            return string.Join(Environment.NewLine, _lastLines);
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_lastLines)
        {
            if (line.Data is not null)
                _lastLines.Enqueue(line.Data);
            if (_lastLines.Count > 20)
                _lastLines.Dequeue();
        }
    }
}
