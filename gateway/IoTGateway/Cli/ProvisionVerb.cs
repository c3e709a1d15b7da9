using System.CommandLine;
using System.Text;
using IoTGateway.Cli.Provisioning;
using IoTGateway.Devices;
using IoTGateway.VirtualDevice;

namespace IoTGateway.Cli;

/// <summary><c>iotgw provision</c>: registers a device, writes what nanoff brings to its board, and runs nanoff.</summary>
internal static partial class ProvisionVerb
{
    private const string PasswordVariable = "IOTGW_WIFI_PASSWORD";

    private static readonly Argument<string> Id = new("id") { Description = $"Id of the device: {DeviceId.Rule}" };
    private static readonly Option<string> Wifi = new("--wifi")
    {
        Description = "Name of the Wi-Fi network (2.4 GHz, WPA2)",
        Required = true,
    };
    private static readonly Option<Uri?> Link = new("--gateway")
    {
        Description = "Where the board connects, such as wss://gateway.example:8443",
        Required = true,
        CustomParser = result => LinkAddress.Parse(result, "--gateway"),
    };
    private static readonly Option<Uri?> Api = new("--api")
    {
        Description =
            "Address of the gateway's API (default: a gateway that runs on this machine, else the board's gateway)",
    };
    private static readonly Option<FileInfo?> PasswordFile = new("--password-file")
    {
        Description = $"File with the network's password (default: the environment's {PasswordVariable})",
    };
    private static readonly Option<string?> Out = new("--out")
    {
        Description = "Folder for the files (default: iotgw-ID here)",
    };
    private static readonly Option<string?> Flash = new("--flash")
    {
        Description = "Serial port of the board: run nanoff",
    };
    private static readonly Option<string> Target = new("--target")
    {
        Description = "nanoFramework's name of the board's chip",
        DefaultValueFactory = _ => "ESP32_REV3",
    };
    private static readonly Option<string?> Board = new("--board")
    {
        Description = $"The board, for its pins: {string.Join(", ", KnownBoards.Names)} (default: by --target)",
    };
    private static readonly Option<string?> FirmwareVersion = new("--fwversion")
    {
        Description = "Version of nanoFramework's image: the one that the firmware's packages were made for",
    };
    private static readonly Option<FileInfo?> Image = new("--image")
    {
        Description = "The application: the .bin of the firmware's build",
    };
    private static readonly Option<bool> KeepFirmware = new("--keep-firmware")
    {
        Description = "The board runs the firmware already: write network and files only",
    };
    private static readonly Option<bool> Rotate = new("--rotate")
    {
        Description = "The device exists: give it a new token; the old one ends at once",
    };

    public static Command Create()
    {
        var verb = new Command(
            "provision",
            "Make a board ready for a gateway: register it, and write what nanoff deploys"
        )
        {
            Id,
            Wifi,
            Link,
            Api,
            PasswordFile,
            Out,
            Flash,
            Target,
            Board,
            FirmwareVersion,
            Image,
            KeepFirmware,
            Rotate,
            TransportOptions.Transport,
            TransportOptions.PollSeconds,
        };
        return verb.Calling(ApiOf, ProvisionAsync);
    }

    private static Uri ApiOf(ParseResult result)
    {
        var data = result.GetValue(GatewayOptions.Data)!; // has a default
        return result.GetValue(Api)
            ?? (LocalGateway.IsRunning(data) ? LocalGateway.Find(data) : LinkAddress.Api(result.GetValue(Link)!)); // required
    }

    private static async Task<int> ProvisionAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var plan = PlanOf(result);
        var files = new ProvisioningFiles(result.GetValue(Out) ?? $"iotgw-{plan.Device}");
        var (token, said) = await TokenAsync(plan.Device, files, result.GetValue(Rotate), client, ending);
        var steps = WriteFiles(plan, token, files);
        Print(result, plan, files, steps, said);
        return plan.Port is null ? 0 : await FlashAsync(result, steps, files, ending);
    }

    /// <summary>
    /// A board that will be erased forgets its count of boots: it gets epochs that it did not use before. Only where this
    /// goes on with a board that was erased for it, the epoch in the files is one of its own already.
    /// </summary>
    private static IReadOnlyList<NanoffStep> WriteFiles(ProvisioningPlan plan, string token, ProvisioningFiles files)
    {
        var steps = NanoffStep.For(plan, files);
        if (plan.Port is not null && files.FindEpoch() is { } known)
        {
            files.Write(plan, token, known);
            if (ProvisioningState.Load(files.State).CountDone(steps) > 0)
                return steps;
        }

        files.Write(plan, token, VirtualDeviceOptions.EpochOf(TimeProvider.System.GetUtcNow()));
        return steps;
    }

    private static ProvisioningPlan PlanOf(ParseResult result)
    {
        var link = result.GetValue(Link)!; // required
        var target = result.GetValue(Target)!; // has a default
        var plan = new ProvisioningPlan(
            result.GetRequiredValue(Id),
            link,
            result.GetRequiredValue(Wifi),
            Password(result.GetValue(PasswordFile)),
            link.Scheme == "wss" ? GatewayClient.RequireAuthority(result) : null,
            result.GetValue(Flash),
            target,
            result.GetValue(Board) ?? BoardOf(target),
            result.GetValue(FirmwareVersion),
            result.GetValue(Image)?.FullName,
            result.GetValue(KeepFirmware),
            TransportOptions.Name(result),
            TransportOptions.PollInterval(result)
        );
        Check(plan);
        return plan;
    }

    /// <summary>The board of a chip's family; null where the firmware's own choice is right.</summary>
    private static string? BoardOf(string target) =>
        target.StartsWith("ESP32_S3", StringComparison.Ordinal) ? "esp32-s3-devkitc-1"
        : target.StartsWith("ESP32_C3", StringComparison.Ordinal) ? "esp32-c3-devkitm-1"
        : null;

    private static void Check(ProvisioningPlan plan)
    {
        if (plan.Board is not null && !KnownBoards.Names.Contains(plan.Board))
            throw new GatewayException($"--board is {plan.Board}: allowed are {string.Join(", ", KnownBoards.Names)}.");
        if (!DeviceId.IsValid(plan.Device))
            throw new GatewayException($"'{plan.Device}' is no device id: {DeviceId.Rule}.");
        if (Encoding.UTF8.GetByteCount(plan.Ssid) is < 1 or > 32)
            throw new GatewayException("The name of a Wi-Fi network is 1 to 32 bytes long: look at --wifi.");
        if (Encoding.UTF8.GetByteCount(plan.Password) is < 8 or > 63)
            throw new GatewayException("A WPA2 password is 8 to 63 characters long.");
        if (plan.Port is null || plan.KeepsFirmware)
            return;
        if (plan.FirmwareVersion is null || plan.Image is null)
            throw new GatewayException(
                "--flash needs --fwversion and --image; for a board that runs the firmware already, give --keep-firmware."
            );
        if (!File.Exists(plan.Image))
            throw new GatewayException(
                $"There is no file {plan.Image}: --image names the .bin of the firmware's build."
            );
    }

    private static string Password(FileInfo? file)
    {
        if (file is { Exists: false })
            throw new GatewayException(
                $"There is no file {file.FullName}: --password-file has the network's password."
            );
        var password = file is null
            ? Environment.GetEnvironmentVariable(PasswordVariable)
            : File.ReadAllText(file.FullName).TrimEnd('\r', '\n');
        return string.IsNullOrEmpty(password)
            ? throw new GatewayException(
                $"The network's password is missing: put it into a file for --password-file, or into {PasswordVariable}. A command line is no place for it."
            )
            : password;
    }
}
