using System.Globalization;
using System.Text.RegularExpressions;

namespace IoTGateway.Cli.Provisioning;

/// <summary>
/// What nanoff's exit codes mean, and what to do. Its codes have four digits; where a process may only answer eight bits
/// (everywhere but on Windows) their low byte comes back, 208 for 2000.
/// </summary>
internal static partial class NanoffExit
{
    private const string Board =
        "Is the board on that port ('nanoff --listports')? Close every serial monitor, press its reset button, and try again.";
    private const string Port =
        "Close every program that has the port open. On Linux you must be in the group dialout: 'sudo usermod -aG dialout $USER', then log in again.";
    private const string Download =
        "Hold the BOOT button while it connects, use a cable with data lines, and plug the board in directly, without a hub.";

    private static readonly Dictionary<int, string> Meanings = new()
    {
        [2000] = $"nanoff cannot connect to the board. {Board}",
        [2001] = $"nanoff cannot list the boards. {Board}",
        [2002] =
            "The board did not take its configuration. It may still be starting: press its reset button and try again. If that does not help, it runs no nanoFramework image: provision it without --keep-firmware.",
        [2003] =
            "The board did not take a file. Is it running nanoFramework's image, and is its file system not full? Press reset, and try again.",
        [4000] = $"The ESP32's loader does not answer. {Download}",
        [4001] = "This flash size is not supported for the target: choose the --target that fits the board.",
        [4002] = $"The flash could not be erased. {Download}",
        [4003] = $"The flash could not be written. {Download}",
        [4004] = $"The flash could not be read. {Download}",
        [4005] = $"The port does not open. {Port}",
        [6000] = $"The port does not open. {Port}",
        [6001] = "nanoff got no port: give it with --flash.",
        [9000] = "nanoff does not understand this command line: it may be too old ('dotnet tool update -g nanoff').",
        [9005] = "There is no image of this name and version: look at --target and --fwversion.",
        [9007] = "The image could not be downloaded: this machine needs the internet for that.",
        [9008] = "nanoff does not find the application: --image names the .bin of the firmware's build.",
        [9010] = $"No board was found. {Board}",
    };

    /// <summary>The exit codes that are known.</summary>
    public static IReadOnlyCollection<int> Codes => Meanings.Keys;

    /// <summary>nanoff answers 0 even where the board refused a file; only its words tell.</summary>
    public static bool Succeeded(int exitCode, string output) => exitCode == 0 && !FileFailed().IsMatch(output);

    public static string Explain(int exitCode, string output)
    {
        if (exitCode == 0)
            return $"A file did not reach the board, although nanoff ended with 0. {Meanings[2003]}";
        var code = CodeOf(exitCode, output);
        return code is null
            ? $"nanoff ended with {exitCode}, which is none of the codes known here; what it printed says more."
            : $"nanoff ended with {code}: {Meanings[code.Value]}";
    }

    private static int? CodeOf(int exitCode, string output)
    {
        var named = Named().Match(output);
        if (
            named.Success
            && int.Parse(named.Groups["code"].ValueSpan, NumberStyles.None) is var printed
            && Meanings.ContainsKey(printed)
        )
            return printed;
        if (Meanings.ContainsKey(exitCode))
            return exitCode;
        foreach (var code in Meanings.Keys)
        {
            if ((code & 0xFF) == exitCode)
                return code;
        }
        return null;
    }

    [GeneratedRegex(@"\bE(?<code>[0-9]{4})\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();

    [GeneratedRegex(
        "(Error|Exception) deploying content file",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex FileFailed();
}
