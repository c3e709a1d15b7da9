using System.Diagnostics;
using IoTGateway.Bench.Ingest;

namespace IoTGateway.Bench.Connections;

/// <summary>What it costs a server to open a link.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Resumed">Whether TLS sessions were resumed.</param>
/// <param name="PerSecond">Links opened a second, with bench and server on the same cores.</param>
/// <param name="CpuMilliseconds">Of the server, for one.</param>
/// <param name="Failed">Of them, those that did not end in a link.</param>
internal sealed record HandshakeCost(string Server, bool Resumed, double PerSecond, double CpuMilliseconds, int Failed);

/// <summary>Opens links one after the other, from several devices at once, and closes each.</summary>
internal sealed class HandshakeRun(IngestServer server, int handshakes, bool resume)
{
    private const int Devices = 16;
    private const int Rounds = 2;

    private int _failed;

    public async Task<HandshakeCost> RunAsync()
    {
        var devices = new (string Name, string? Token)[Devices];
        for (var i = 0; i < Devices; i++)
        {
            var name = $"knocks-{i:D2}";
            devices[i] = (name, await server.AddDeviceAsync(name));
        }
        // The first round is the compiler's, and gives the sessions to resume.
        var cost = new HandshakeCost(server.Name, resume, 0, 0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            _failed = 0;
            var cpu = server.CpuSeconds();
            var clock = Stopwatch.StartNew();
            await Task.WhenAll(devices.Select(device => KnockAsync(device.Name, device.Token)));
            cost = cost with
            {
                PerSecond = handshakes / clock.Elapsed.TotalSeconds,
                CpuMilliseconds = (server.CpuSeconds() - cpu) / handshakes * 1000,
                Failed = _failed,
            };
        }
        return cost;
    }

    private async Task KnockAsync(string device, string? token)
    {
        for (var i = 0; i < handshakes / Devices; i++)
        {
            var uplink = server.CreateUplink(device, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
            try
            {
                await using var link = await LoadLink.OpenAsync(server.Target, token, uplink, resume);
            }
            catch (Exception e) when (e is InvalidOperationException or IOException)
            {
                Interlocked.Increment(ref _failed);
            }
        }
    }
}
