using System.Diagnostics;

namespace EndToEnd.Tests;

/// <summary>A program that ran to its end.</summary>
internal sealed record ProgramRun(int ExitCode, string Output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Starts a program and waits for its end.</summary>
    /// <param name="file">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set beside this process's own.</param>
    /// <param name="folder">Where it runs; this process's own without one.</param>
    public static async Task<ProgramRun> StartAsync(
        string file,
        IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null
    )
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? string.Empty,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} does not start.");
        try
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync().WaitAsync(Limit);
            return new ProgramRun(process.ExitCode, await output + await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
