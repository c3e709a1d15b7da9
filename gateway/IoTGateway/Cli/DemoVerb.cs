using System.CommandLine;
using IoTGateway.Devices;
using IoTGateway.Security;
using IoTGateway.VirtualDevice;
using SimulatedDevice = IoTGateway.VirtualDevice.VirtualDevice;

namespace IoTGateway.Cli;

/// <summary><c>iotgw demo</c>: a gateway on an empty data folder, on loopback only, with three virtual devices already streaming.</summary>
internal static class DemoVerb
{
    private static readonly string[] Names = ["living-room", "greenhouse", "workshop"];

    public static Command Create()
    {
        var verb = new Command(
            "demo",
            "Run a gateway on an empty data folder with three virtual devices; nothing is open outside this machine"
        )
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        verb.SetAction((result, ending) => RunAsync(result.UnmatchedTokens, ending));
        return verb;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> settings, CancellationToken ending)
    {
        var folder = LocalGateway.DemoFolder;
        if (LocalGateway.IsRunning(folder))
        {
            await Console.Error.WriteLineAsync(
                $"A demo runs already, on {LocalGateway.Find(folder)}. End it first, or run 'iotgw serve'."
            );
            return CommandLine.Failed;
        }
        try
        {
            Remove(folder);
            string[] own = [$"--Data:Path={folder}", "--Listen:Address=127.0.0.1"];
            return await ServeVerb.RunAsync(
                [.. settings, .. own],
                (app, adminKey) => RunDevicesAsync(app, adminKey!, ending)
            ); // new folder: new key
        }
        finally
        {
            Remove(folder);
        }
    }

    private static async Task RunDevicesAsync(WebApplication app, string adminKey, CancellationToken ending)
    {
        var devices = new List<SimulatedDevice>();
        try
        {
            foreach (var name in Names)
                devices.Add(await CreateAsync(app, name, seed: devices.Count + 1, ending));
            foreach (var device in devices)
                device.Start();
            Print(app, adminKey);
            await app.WaitForShutdownAsync(ending);
        }
        finally
        {
            foreach (var device in devices)
                await device.DisposeAsync();
        }
    }

    private static async Task<SimulatedDevice> CreateAsync(
        WebApplication app,
        string name,
        int seed,
        CancellationToken ending
    )
    {
        var data = app.Services.DataFolder();
        var registry = app.Services.GetRequiredService<DeviceRegistry>();
        var token = (await registry.AddAsync(name, null, ending))!; // new folder: the name is free
        return new SimulatedDevice(
            new VirtualDeviceOptions
            {
                Token = token,
                Gateway = Addresses.Of(app).Link,
                CaPem = File.ReadAllText(Path.Combine(data, CertificateAuthority.CertificateFile)),
                FlashDirectory = Path.Combine(data, "devices", name),
                RowsPerMessage = 2,
                Seed = seed,
            }
        );
    }

    private static void Print(WebApplication app, string adminKey)
    {
        var addresses = Addresses.Of(app);
        var api = addresses.Local.ToString().TrimEnd('/');
        Console.WriteLine(
            $$"""
            IoT Gateway demo: {{string.Join(", ", Names)}} stream to {{addresses.Link}}

              dashboard  {{DashboardVerb.Link(app)}}
                         (this link signs a browser in, once, within ten minutes)
              API   {{string.Join("  ", addresses.All)}}
              CA    {{Path.Combine(app.Services.DataFolder(), CertificateAuthority.CertificateFile)}}
              key   {{adminKey}}

            In another terminal, look at readings as they come:
              dotnet run --project gateway/IoTGateway -- watch

            read the last hour:
              curl -H "Authorization: Bearer {{adminKey}}" "{{api}}/api/devices/greenhouse/readings?measurement=climate&field=temperature"

            and switch a light:
              dotnet run --project gateway/IoTGateway -- send greenhouse led '{"on":true}'

            Ctrl+C ends the demo and removes its data.
            """
        );
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
