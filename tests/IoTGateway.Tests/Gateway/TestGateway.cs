using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using IoTGateway.Cli;
using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IoTGateway.Tests.Gateway;

/// <summary>A whole gateway in this process, on free ports of loopback and a folder of its own.</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    private readonly string[] _settings;
    private readonly CapturedLog _log = new();
    private WebApplication _app;

    private readonly TimeProvider? _time;
    private readonly Action<WebApplicationBuilder>? _more;

    private TestGateway(string folder, TimeProvider? time, Action<WebApplicationBuilder>? more, string[] settings)
    {
        Folder = folder;
        _time = time;
        _more = more;
        _settings =
        [
            $"--Data:Path={folder}",
            "--Listen:Https=-1",
            "--Listen:Http=-1",
            "--Listen:Address=127.0.0.1",
            "--Logging:Console:LogLevel:Default=None",
            .. settings,
        ];
        _app = Program.BuildGateway(_settings, _time, _more);
    }

    /// <summary>The data folder.</summary>
    public string Folder { get; }

    public string AdminKey { get; private set; } = string.Empty;

    public Uri Https { get; private set; } = new("https://localhost");

    public Uri Http { get; private set; } = new("http://localhost");

    public string CaPem => File.ReadAllText(Path.Combine(Folder, CertificateAuthority.CertificateFile));

    /// <summary>With the admin key, over HTTP.</summary>
    public HttpClient Client { get; private set; } = new();

    public IServiceProvider Services => _app.Services;

    /// <summary>Every line logged so far.</summary>
    public IReadOnlyCollection<string> LogLines => _log.Lines;

    public static Task<TestGateway> StartAsync(params string[] settings) => StartAsync(null, null, settings);

    /// <summary>On a clock of the test.</summary>
    public static Task<TestGateway> StartAsync(TimeProvider time, params string[] settings) =>
        StartAsync(time, null, settings);

    /// <summary>With lines of the test in Program.cs.</summary>
    public static Task<TestGateway> StartAsync(Action<WebApplicationBuilder> more, params string[] settings) =>
        StartAsync(null, more, settings);

    private static async Task<TestGateway> StartAsync(
        TimeProvider? time,
        Action<WebApplicationBuilder>? more,
        string[] settings
    )
    {
        var folder = Path.Combine(Path.GetTempPath(), "iotgw-test-" + Guid.NewGuid().ToString("N"));
        TestGateway? gateway = null;
        try
        {
            gateway = new TestGateway(folder, time, more, settings);
            await gateway.StartAppAsync();
            return gateway;
        }
        catch
        {
            // A test of a start that must fail; nobody gets the gateway to dispose.
            if (gateway is not null)
                await gateway._app.DisposeAsync();
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>Stops the gateway and starts another on the same folder, with other ports.</summary>
    /// <param name="between">Happens to the folder while no gateway runs.</param>
    public async Task RestartAsync(Action? between = null)
    {
        await StopAsync();
        await _app.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        between?.Invoke();
        _app = Program.BuildGateway(_settings, _time, _more);
        await StartAppAsync();
    }

    public Task StopAsync() => _app.StopAsync(new CancellationTokenSource(Patience.Long).Token);

    /// <summary>Registers a device.</summary>
    /// <returns>Its token.</returns>
    public async Task<string> AddDeviceAsync(string id) =>
        await Get<DeviceRegistry>().AddAsync(id, null, TestContext.Current.CancellationToken)
        ?? throw new InvalidOperationException($"'{id}' exists already.");

    public TService Get<TService>()
        where TService : notnull => _app.Services.GetRequiredService<TService>();

    /// <summary>A value of <c>/metrics</c>; 0 where it has no such line.</summary>
    /// <param name="series">Name, with labels where it has some: <c>iotgw_x_total{reason="y"}</c>.</param>
    public async Task<double> MetricAsync(string series)
    {
        var page = await Client.GetStringAsync("/metrics");
        var line = page.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line[(series.Length + 1)..], CultureInfo.InvariantCulture);
    }

    public Task<double> RefusedAsync(string reason) =>
        MetricAsync($$"""iotgw_handshakes_refused_total{reason="{{reason}}"}""");

    public Task<double> EndedAsync(string reason) => MetricAsync($$"""iotgw_links_ended_total{reason="{{reason}}"}""");

    /// <summary>What a client of TLS must ask for: the gateway's own CA and nothing else.</summary>
    public SslClientAuthenticationOptions TrustingCa() =>
        new()
        {
            TargetHost = "localhost",
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509Certificate2.CreateFromPem(CaPem) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task StartAppAsync()
    {
        _app.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
        AdminKey = _app.Services.GetRequiredService<ApiKeys>().EnsureAdminKey(null) ?? AdminKey;
        await _app.StartAsync();
        var addresses = Addresses.Of(_app);
        Https = addresses.Https ?? Https;
        Http = addresses.Http ?? Http;
        Client = new HttpClient { BaseAddress = addresses.Local };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminKey);
    }
}
