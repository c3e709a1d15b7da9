using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IoTGateway.Tests.Servers;

/// <summary>A real server as a plain process on loopback, with a folder of its own; both are gone after dispose.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private ServerProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has printed, as far as it was kept.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public static void Require(string binary, string package)
    {
        var found = File.Exists(binary);
        var hint = $"{binary} is not installed; on Debian: apt-get install -y {package} (and disable its service)";
        if (Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1")
            Assert.True(found, hint);
        Assert.SkipUnless(found, hint);
    }

    /// <summary>Says in the run's diagnostics which version of a Debian package the tests met.</summary>
    public static void TellVersion(string package)
    {
        const string Query = "/usr/bin/dpkg-query";
        if (!File.Exists(Query))
            return;
        var start = new ProcessStartInfo(Query, ["-W", "-f", "${Package} ${Version}", package])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var query = Process.Start(start) ?? throw new InvalidOperationException($"{Query}?");
        TestContext.Current.SendDiagnosticMessage(query.StandardOutput.ReadToEnd());
        query.WaitForExit();
    }

    /// <summary>
    /// A port below those that the system gives to connections (Linux: 32768 and up): while a server that was killed is away,
    /// nobody's connection takes its place.
    /// </summary>
    public static int FreePort()
    {
        while (true)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(10_240, 32_768));
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    /// <summary>
    /// Starts and asks until the server says it is ready: an http address answers, or a tcp address takes connections.
    /// Without an address to ask, returns at once.
    /// </summary>
    public static async Task<ServerProcess> StartAsync(
        string binary,
        IEnumerable<string> arguments,
        Uri? ready,
        IReadOnlyDictionary<string, string>? environment = null
    )
    {
        var start = new ProcessStartInfo(binary)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        var server = new ServerProcess(Process.Start(start) ?? throw new InvalidOperationException($"{binary}?"));
        server._process.OutputDataReceived += server.Keep;
        server._process.ErrorDataReceived += server.Keep;
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            if (ready is not null)
                await server.UntilReadyAsync(ready);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        return server;
    }

    /// <summary>Asks the process to end in order, so that it writes what it holds in memory.</summary>
    public async Task TerminateAsync()
    {
        using var kill = Process.Start("/bin/kill", ["-TERM", $"{_process.Id}"]);
        await kill.WaitForExitAsync();
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, _process.ExitCode);
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    public Task EndedAsync() => _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));

    public async ValueTask DisposeAsync()
    {
        // Kill goes by the process id, and takes nothing else with it.
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task UntilReadyAsync(Uri ready)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (_process.HasExited || limit.IsCancellationRequested)
                throw new InvalidOperationException($"The server is not ready: {Output}");
            try
            {
                if (ready.Scheme == "tcp")
                {
                    using var tcp = new TcpClient();
                    await tcp.ConnectAsync(ready.Host, ready.Port, limit.Token);
                    return;
                }
                using var answer = await http.GetAsync(ready, limit.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (Exception failure)
                when (failure is HttpRequestException or SocketException or OperationCanceledException) { }
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_output)
        {
            if (_output.Length < 10_000)
                _output.AppendLine(line.Data);
        }
    }
}
