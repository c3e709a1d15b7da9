using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace IoTGateway.Bench;

/// <summary>The gateway as a process of its own, on loopback and a data folder that goes with it.</summary>
internal sealed class GatewayUnderLoad : IAsyncDisposable
{
    private const string AdminKey = "the-key-of-the-bench";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly string _folder;

    private readonly bool _keepsFolder;

    private GatewayUnderLoad(Process process, string folder, bool keepsFolder, int port)
    {
        _process = process;
        _folder = folder;
        _keepsFolder = keepsFolder;
        Link = new Uri($"ws://127.0.0.1:{port}/v1/link");
        Api = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }

    public Uri Link { get; }

    public HttpClient Api { get; }

    /// <summary>Starts it and waits until it takes telemetry.</summary>
    public static Task<GatewayUnderLoad> StartAsync(params string[] settings) =>
        StartAsync(Directory.CreateTempSubdirectory("iotgw-bench-").FullName, keepsFolder: false, settings);

    /// <summary>Starts it on a data folder that there is already, and leaves that behind.</summary>
    public static Task<GatewayUnderLoad> StartOnAsync(string folder, params string[] settings) =>
        StartAsync(folder, keepsFolder: true, settings);

    private static async Task<GatewayUnderLoad> StartAsync(string folder, bool keepsFolder, string[] settings)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(
            "dotnet",
            [
                Path.Combine(AppContext.BaseDirectory, "iotgw.dll"),
                "serve",
                $"--Data:Path={folder}",
                "--Listen:Https=0",
                $"--Listen:Http={port}",
                $"--Security:AdminKey={AdminKey}",
                "--Logging:LogLevel:Default=Warning",
                .. settings,
            ]
        )
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The gateway does not start.");
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var gateway = new GatewayUnderLoad(process, folder, keepsFolder, port);
        try
        {
            await gateway.UntilReadyAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers a device.</summary>
    /// <returns>Its token.</returns>
    public async Task<string> AddDeviceAsync(string id)
    {
        using var answer = await Api.PostAsJsonAsync("/api/devices", new { id });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("token").GetString()!; // by the API's contract
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (!_keepsFolder)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task UntilReadyAsync()
    {
        var start = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(start) < StartLimit && !_process.HasExited)
        {
            try
            {
                using var answer = await Api.GetAsync("/readyz");
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // Not yet.
            }
            await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
        }
        throw new InvalidOperationException("The gateway is not ready; its log is above.");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
