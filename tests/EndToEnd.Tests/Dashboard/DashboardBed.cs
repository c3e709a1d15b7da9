using System.Net.Http.Json;
using System.Text.Json;
using IoTGateway.VirtualDevice;
using Microsoft.Playwright;
using SimulatedDevice = IoTGateway.VirtualDevice.VirtualDevice;

namespace EndToEnd.Tests.Dashboard;

/// <summary>One gateway process with virtual devices, and one browser, for all tests of the dashboard.</summary>
public sealed class DashboardBed : IAsyncLifetime
{
    private readonly Dictionary<string, SimulatedDevice> _devices = new(StringComparer.Ordinal);
    private readonly Func<VirtualDeviceOptions, VirtualDeviceOptions> _change;
    private readonly string[] _settings;
    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-dashboard-").FullName;
    private GatewayProcess? _gateway;
    private Chromium? _chromium;

    public DashboardBed()
        : this(options => options) { }

    /// <param name="change">Of every device.</param>
    /// <param name="settings">Of the gateway.</param>
    internal DashboardBed(Func<VirtualDeviceOptions, VirtualDeviceOptions> change, params string[] settings) =>
        (_change, _settings) = (change, settings);

    internal GatewayProcess Gateway => _gateway ?? throw new InvalidOperationException("Not started.");

    internal Chromium Browser => _chromium ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _chromium = await Chromium.StartAsync();
        _gateway = await GatewayProcess.StartAsync(_settings);
        foreach (var name in new[] { "greenhouse", "cold-store", "workshop" })
            await AddDeviceAsync(name);
    }

    /// <summary>A virtual device that sends each row at once.</summary>
    internal async Task AddDeviceAsync(string id) => Connect(id, await Gateway.AddDeviceAsync(id));

    internal void Connect(string id, string token)
    {
        var device = new SimulatedDevice(
            _change(
                new VirtualDeviceOptions
                {
                    Token = token,
                    Gateway = Gateway.Link,
                    CaPem = File.ReadAllText(Gateway.CaPath),
                    FlashDirectory = Path.Combine(_flash, id),
                    RowsPerMessage = 1,
                    Seed = _devices.Count + 1,
                }
            )
        );
        _devices.Add(id, device);
        device.Start();
    }

    /// <summary>Those that were connected.</summary>
    internal IEnumerable<string> Devices => _devices.Keys;

    /// <summary>The device goes, in order, and boots again.</summary>
    internal async Task RestartAsync(string id)
    {
        await StopAsync(id);
        _devices[id].Start();
    }

    /// <summary>The device goes, in order, and does not come back.</summary>
    internal Task StopAsync(string id) => _devices[id].StopAsync(TestContext.Current.CancellationToken);

    /// <summary>A key with a role, as an admin makes it.</summary>
    internal async Task<string> KeyAsync(string name, string role)
    {
        using var answer = await Gateway.Api.PostAsJsonAsync("/api/keys", new { name, role });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return body.GetProperty("key").GetString() ?? throw new InvalidOperationException(body.GetRawText());
    }

    /// <summary>A page of somebody who has signed in, as admin where no key is given.</summary>
    internal Task<Visitor> SignInAsync(
        string? key = null,
        int width = 1280,
        int height = 800,
        ColorScheme theme = ColorScheme.Light
    ) => Visitor.SignInAsync(Browser, Gateway, key ?? GatewayProcess.AdminKey, width, height, theme);

    public async ValueTask DisposeAsync()
    {
        foreach (var device in _devices.Values)
            await device.DisposeAsync();
        if (_chromium is not null)
            await _chromium.DisposeAsync();
        if (_gateway is not null)
            await _gateway.DisposeAsync();
        Directory.Delete(_flash, recursive: true);
    }
}
