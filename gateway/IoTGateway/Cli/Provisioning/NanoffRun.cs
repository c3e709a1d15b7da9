using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace IoTGateway.Cli.Provisioning;

/// <summary>A call of nanoff that has ended.</summary>
internal sealed record NanoffRun(int ExitCode, string Output)
{
    /// <summary>Runs a step to its end, passing on what nanoff says as it says it.</summary>
    public static async Task<NanoffRun> OfAsync(
        NanoffStep step,
        TextWriter console,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(NanoffStep.Program, step.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var process = Start(start);
        var output = new StringBuilder();
        await Task.WhenAll(
            PassOnAsync(process.StandardOutput, console, output),
            PassOnAsync(process.StandardError, console, output),
            process.WaitForExitAsync(cancellationToken)
        );
        return new NanoffRun(process.ExitCode, output.ToString());
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start) ?? throw new GatewayException("nanoff does not start.");
        }
        catch (Win32Exception e)
        {
            throw new GatewayException(
                $"nanoff cannot be run: {e.Message} Install it with 'dotnet tool install -g nanoff', and have ~/.dotnet/tools on your PATH."
            );
        }
    }

    private static async Task PassOnAsync(StreamReader from, TextWriter to, StringBuilder output)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (output)
            {
                output.AppendLine(line);
                to.WriteLine($"    {line}");
            }
        }
    }
}
