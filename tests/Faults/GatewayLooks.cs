using System.Globalization;
using EndToEnd.Tests;
using IoTGateway.Tests;

namespace IoTGateway.Faults;

/// <summary>What a gateway process tells of itself, and what the system tells of it.</summary>
internal static class GatewayLooks
{
    public static async Task<bool> HasNoLagAsync(this GatewayProcess gateway)
    {
        var page = await gateway.Api.GetStringAsync("/metrics");
        var lags = page.Split('\n').Where(line => line.StartsWith("iotgw_sink_lag_bytes{", StringComparison.Ordinal));
        return lags.All(line => ValueOf(line) == 0);
    }

    /// <summary>A value of <c>/metrics</c>; 0 where it has no such line.</summary>
    public static async Task<double> MetricAsync(this GatewayProcess gateway, string series)
    {
        var page = await gateway.Api.GetStringAsync("/metrics");
        var line = page.Split('\n').FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? 0 : ValueOf(line);
    }

    public static async Task<bool> IsOnlineAsync(this GatewayProcess gateway, string device) =>
        (await gateway.GetAsync($"/api/devices/{device}")).GetProperty("presence").GetProperty("online").GetBoolean();

    /// <summary>Memory in MiB, CPU time and open handles of the gateway's process, from /proc.</summary>
    public static ProcessUse Use(this GatewayProcess gateway) => ProcessUse.Of(gateway.ProcessId);

    /// <summary>As <see cref="Use"/>, after its garbage was collected: what is left it holds.</summary>
    public static async Task<ProcessUse> SettledAsync(this GatewayProcess gateway)
    {
        // What was freed goes back to the system in the second collection, or a little later.
        for (var round = 0; round < 2; round++)
            await GarbageCollection.ForceAsync(gateway.ProcessId);
        return gateway.Use();
    }

    private static double ValueOf(string line) =>
        double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
}

/// <summary>What a process uses.</summary>
/// <param name="MemoryMiB">Resident memory.</param>
/// <param name="Cpu">Processor time since its start.</param>
/// <param name="Handles">Open files and sockets.</param>
internal readonly record struct ProcessUse(double MemoryMiB, TimeSpan Cpu, int Handles)
{
    public static ProcessUse Of(int processId)
    {
        using var process = System.Diagnostics.Process.GetProcessById(processId);
        return new(
            process.WorkingSet64 / 1048576.0,
            process.TotalProcessorTime,
            Directory.GetFileSystemEntries($"/proc/{processId}/fd").Length
        );
    }
}
