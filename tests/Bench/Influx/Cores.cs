using System.Diagnostics;
using System.Globalization;

namespace IoTGateway.Bench.Influx;

/// <summary>Which cores of the machine this program runs on. What it starts stays on those that it had when it started it.</summary>
internal static class Cores
{
    /// <summary>The first one only.</summary>
    public static void UseFirst() => Use("0");

    /// <summary>All but the first one.</summary>
    public static void UseOthers() => Use($"1-{Environment.ProcessorCount - 1}");

    private static void Use(string cores)
    {
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, self])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var taskset = Process.Start(start) ?? throw new InvalidOperationException("taskset?");
        taskset.StandardOutput.ReadToEnd();
        var problem = taskset.StandardError.ReadToEnd();
        taskset.WaitForExit();
        if (taskset.ExitCode != 0)
            throw new InvalidOperationException($"No cores {cores} for this program: {problem}");
    }
}
