using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using IoTGateway.Tests;

namespace IoTGateway.Bench;

/// <summary>Where and with what a number was measured: without it, the number says little.</summary>
internal sealed record Machine(string Processor, int Cores, string System, string Runtime, string? Commit)
{
    public static Machine Here() =>
        new(
            ProcessorName(),
            Environment.ProcessorCount,
            RuntimeInformation.OSDescription,
            RuntimeInformation.FrameworkDescription,
            CommitHash()
        );

    public override string ToString() =>
        $"{Processor}, {Cores} cores; {System}; {Runtime}; commit {Commit ?? "unknown (no git)"}";

    private static string ProcessorName()
    {
        const string file = "/proc/cpuinfo";
        var line = File.Exists(file)
            ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string? CommitHash()
    {
        try
        {
            using var git = Process.Start(
                new ProcessStartInfo(
                    "git",
                    ["-C", RepositoryRoot.Path, "describe", "--always", "--dirty", "--exclude", "*"]
                )
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                    UseShellExecute = false,
                }
            );
            var hash = git?.StandardOutput.ReadToEnd().Trim();
            git?.WaitForExit();
            return git?.ExitCode == 0 ? hash : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
