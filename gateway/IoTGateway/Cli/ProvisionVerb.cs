using System.CommandLine;
using System.Text;
using System.Text.Json;
using IoTGateway.Cli.Provisioning;
using IoTGateway.Devices;

namespace IoTGateway.Cli;

/// <summary><c>iotgw provision</c>: registers a device, writes what nanoff brings to its board, and runs nanoff.</summary>
internal static class ProvisionVerb
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
            FirmwareVersion,
            Image,
            KeepFirmware,
            Rotate,
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
        files.Write(plan, token);
        var steps = NanoffStep.For(plan, files);
        Print(result, plan, files, steps, said);
        return plan.Port is null ? 0 : await FlashAsync(result, steps, files, ending);
    }

    private static ProvisioningPlan PlanOf(ParseResult result)
    {
        var link = result.GetValue(Link)!; // required
        var plan = new ProvisioningPlan(
            result.GetRequiredValue(Id),
            link,
            result.GetRequiredValue(Wifi),
            Password(result.GetValue(PasswordFile)),
            link.Scheme == "wss" ? GatewayClient.RequireAuthority(result) : null,
            result.GetValue(Flash),
            result.GetValue(Target)!, // has a default
            result.GetValue(FirmwareVersion),
            result.GetValue(Image)?.FullName,
            result.GetValue(KeepFirmware)
        );
        Check(plan);
        return plan;
    }

    private static void Check(ProvisioningPlan plan)
    {
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

    private static async Task<(string Token, string Said)> TokenAsync(
        string device,
        ProvisioningFiles files,
        bool rotate,
        GatewayClient client,
        CancellationToken ending
    )
    {
        if (!rotate && files.FindToken(device) is { } known)
            return (known, $"{device} keeps the token in {files.Config}.");
        var answer = rotate
            ? await client.CallAsync(HttpMethod.Post, $"{DeviceVerbs.PathOf(device)}/token", null, ending)
            : await RegisterAsync(device, client, ending);
        var token = answer.GetProperty("token").GetString()!; // by the API's contract
        return (token, rotate ? $"{device} has a new token; the old one has ended." : $"{device} is registered.");
    }

    private static async Task<JsonElement> RegisterAsync(string device, GatewayClient client, CancellationToken ending)
    {
        try
        {
            return await client.CallAsync(HttpMethod.Post, "/api/devices", new { id = device }, ending);
        }
        catch (GatewayException e) when (e.Status == System.Net.HttpStatusCode.Conflict)
        {
            throw new GatewayException(
                $"'{device}' exists already, and its token is not here: --rotate gives it a new one, and the old one ends at once."
            );
        }
    }

    private static void Print(
        ParseResult result,
        ProvisioningPlan plan,
        ProvisioningFiles files,
        IReadOnlyList<NanoffStep> steps,
        string said
    )
    {
        if (result.GetValue(GatewayOptions.Json))
        {
            var commands = steps.Select(step => step.Arguments.Prepend(NanoffStep.Program));
            Console.WriteLine(
                JsonSerializer.Serialize(
                    new
                    {
                        id = plan.Device,
                        folder = files.Folder,
                        commands,
                    },
                    JsonSerializerOptions.Web
                )
            );
            return;
        }
        Console.WriteLine(said);
        Console.WriteLine($"{files.Folder} has its files. They hold secrets: delete the folder when the board runs.");
        Console.WriteLine();
        if (plan.CaPem is null)
            Console.WriteLine("ws is not encrypted: token and readings are plain on the network.\n");
        if (plan.Port is not null)
            return;
        Console.WriteLine("Next, in this order; --flash PORT runs them:");
        foreach (var step in steps)
            Console.WriteLine($"  {step.CommandLine}");
    }

    private static async Task<int> FlashAsync(
        ParseResult result,
        IReadOnlyList<NanoffStep> steps,
        ProvisioningFiles files,
        CancellationToken ending
    )
    {
        var console = result.GetValue(GatewayOptions.Json) ? Console.Error : Console.Out;
        var state = ProvisioningState.Load(files.State);
        var done = state.CountDone(steps);
        if (done == steps.Count)
        {
            await console.WriteLineAsync($"All steps are done. To do them again, delete {files.State}.");
            return 0;
        }
        for (var i = done; i < steps.Count; i++)
        {
            await console.WriteLineAsync($"Step {i + 1} of {steps.Count}: {steps[i].Title}\n  {steps[i].CommandLine}");
            // From here on the board is no longer what the steps before left: erasing takes all of them.
            state.Save(steps, i);
            var run = await NanoffRun.OfAsync(steps[i], console, ending);
            if (!NanoffExit.Succeeded(run.ExitCode, run.Output))
            {
                await Console.Error.WriteLineAsync(
                    $"{NanoffExit.Explain(run.ExitCode, run.Output)}\nThe same command again goes on with step {i + 1}."
                );
                return CommandLine.Failed;
            }
            state.Save(steps, i + 1);
        }
        await console.WriteLineAsync(
            "The board has everything. Press its reset button; 'iotgw device list' shows it online within a minute."
        );
        return 0;
    }
}
