using System.Security.Cryptography;
using System.Text;

namespace IoTGateway.Cli.Provisioning;

/// <summary>One call of nanoff.</summary>
/// <param name="Title">For people.</param>
/// <param name="Arguments">None of them is a secret: what is secret stands in files.</param>
/// <param name="Contents">The files it brings to the board.</param>
internal sealed record NanoffStep(string Title, IReadOnlyList<string> Arguments, IReadOnlyList<string> Contents)
{
    public const string Program = "nanoff";
    private const string PortToFill = "PORT";
    private const string VersionToFill = "VERSION";
    private const string ImageToFill = "IoTGateway.Device.bin";

    public string CommandLine => string.Join(' ', Arguments.Prepend(Program).Select(Quoted));

    /// <summary>Names this step with exactly these files: the same again need not be done again.</summary>
    public string Fingerprint
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes(CommandLine));
            foreach (var file in Contents.Where(File.Exists))
                hash.AppendData(SHA256.HashData(File.ReadAllBytes(file)));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }

    /// <summary>All that a board needs, in the order in which it needs it: erasing takes everything else with it.</summary>
    public static IReadOnlyList<NanoffStep> For(ProvisioningPlan plan, ProvisioningFiles files)
    {
        var port = plan.Port ?? PortToFill;
        var image = plan.Image ?? ImageToFill;
        NanoffStep[] firmware =
        [
            new(
                "erase the board, and write nanoFramework's image",
                [
                    "--target",
                    plan.Target,
                    "--serialport",
                    port,
                    "--masserase",
                    "--update",
                    "--fwversion",
                    plan.FirmwareVersion ?? VersionToFill,
                ],
                []
            ),
            new("write the application", ["--nanodevice", "--deploy", "--serialport", port, "--image", image], [image]),
        ];
        NanoffStep[] settings =
        [
            new("write Wi-Fi and CA", ["--networkdeployment", files.Network, "--serialport", port], [files.Network]),
            new(
                "write gateway and token",
                ["--filedeployment", files.Files, "--serialport", port],
                [files.Files, files.Config, files.Authority]
            ),
        ];
        return plan.KeepsFirmware ? settings : [.. firmware, .. settings];
    }

    private static string Quoted(string word) =>
        word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:\\".Contains(c))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
