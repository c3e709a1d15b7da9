using System.Diagnostics;
using System.Text.Json;

namespace IoTGateway.Cli;

/// <summary>Prints how a simulation goes: a line now and then, on a terminal one that is written over.</summary>
internal sealed class SimulationReport(bool json, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly bool _terminal = !json && !Console.IsOutputRedirected;
    private long _lastRows;
    private long _lastAt = time.GetTimestamp();
    private TimeSpan _lastCpu = Cpu();

    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Since the last line.</summary>
    public void Print(FleetStatus fleet)
    {
        var now = time.GetTimestamp();
        var seconds = time.GetElapsedTime(_lastAt, now).TotalSeconds;
        var cpu = Cpu();
        Print(
            fleet,
            (fleet.RowsAcknowledged - _lastRows) / seconds,
            (cpu - _lastCpu) / TimeSpan.FromSeconds(seconds),
            "running"
        );
        (_lastRows, _lastAt, _lastCpu) = (fleet.RowsAcknowledged, now, cpu);
    }

    /// <summary>Over the whole run.</summary>
    public void PrintEnd(FleetStatus fleet)
    {
        var elapsed = time.GetElapsedTime(_start);
        Print(
            fleet,
            fleet.RowsAcknowledged / elapsed.TotalSeconds,
            Cpu() / elapsed,
            fleet.IsComplete ? "complete" : "incomplete"
        );
        if (_terminal)
            Console.WriteLine();
    }

    private void Print(FleetStatus fleet, double rate, double cores, string state)
    {
        var seconds = time.GetElapsedTime(_start).TotalSeconds;
        if (json)
        {
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        state,
                        seconds = Math.Round(seconds, 1),
                        fleet.Devices,
                        fleet.Connected,
                        fleet.RowsSampled,
                        fleet.RowsAcknowledged,
                        fleet.RowsLost,
                        fleet.LinksOpened,
                        fleet.ConnectFailures,
                        rowsPerSecond = Math.Round(rate, 1),
                        cpuCores = Math.Round(cores, 3),
                        memoryBytes = Environment.WorkingSet,
                    },
                    JsonSerializerOptions.Web
                )
            );
            return;
        }
        var line =
            $"{seconds, 6:F0} s  {fleet.Connected}/{fleet.Devices} connected  rows: {fleet.RowsSampled} sampled, "
            + $"{fleet.RowsAcknowledged} acknowledged, {fleet.RowsLost} lost, {rate:F1}/s  "
            + $"CPU {100 * cores:F0} %  {Environment.WorkingSet / 1048576.0:F0} MiB  {state}";
        if (_terminal)
            Console.Write($"\r{line}   ");
        else
            Console.WriteLine(line);
    }

    private static TimeSpan Cpu()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
