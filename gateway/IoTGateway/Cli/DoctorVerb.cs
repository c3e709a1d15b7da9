using System.CommandLine;
using System.Text.Json;
using IoTGateway.Cli.Diagnosis;
using IoTGateway.Links;
using Microsoft.Extensions.Options;

namespace IoTGateway.Cli;

/// <summary><c>iotgw doctor</c>: looks at every step to a working link and says what to do. Exit code 0 where nothing is bad.</summary>
internal static class DoctorVerb
{
    private const string TokenVariable = "IOTGW_TOKEN";

    private static readonly Argument<Uri?> Url = new("url")
    {
        Description =
            "The gateway as a device would reach it, such as wss://gateway.example:8443 (default: the one on this machine)",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
                return new UriBuilder(url) { Path = "/" }.Uri;
            return LinkAddress.Parse(result, "url") is { } link ? LinkAddress.Api(link) : null;
        },
    };
    private static readonly Option<string?> Device = new("--device") { Description = "Look at this device as well" };
    private static readonly Option<string?> Token = new("--token")
    {
        Description = $"A device's token, to try its handshake (default: the environment's {TokenVariable})",
    };

    public static Command Create() =>
        new Command("doctor", "Look at every step to a working link, and say what to do")
        {
            Url,
            Device,
            Token,
        }.Calling(
            result => result.GetValue(Url) ?? LocalGateway.FindForDevices(result.GetValue(GatewayOptions.Data)!), // has a default
            RunAsync
        );

    private static async Task<int> RunAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var findings = await ExamineAsync(result, client, ending);
        if (result.GetValue(GatewayOptions.Json))
            Console.WriteLine(
                JsonSerializer.Serialize(
                    findings.Select(finding => new
                    {
                        finding.Step,
                        Verdict = Words.Of(finding.Verdict),
                        finding.Detail,
                        finding.Next,
                    }),
                    JsonSerializerOptions.Web
                )
            );
        else
            Print(findings);
        return findings.Any(finding => finding.Verdict == Verdict.Bad) ? CommandLine.Failed : 0;
    }

    private static async Task<IReadOnlyList<Finding>> ExamineAsync(
        ParseResult result,
        GatewayClient client,
        CancellationToken ending
    )
    {
        var data = result.GetValue(GatewayOptions.Data)!; // has a default
        if (result.GetValue(Url) is null && !LocalGateway.IsRunning(data))
            return [.. BeforeTheStart(data)];
        var token = result.GetValue(Token) ?? Environment.GetEnvironmentVariable(TokenVariable);
        var patient = new Patient(client.Address, GatewayClient.ReadAuthority(result), token);
        var findings = await new Examination(patient, TimeProvider.System).RunAsync(ending);
        return result.GetValue(Device) is { } device && findings.Any(finding => finding.Step == "handshake")
            ? [.. findings, .. await DeviceCheck.RunAsync(client, device, ending)]
            : findings;
    }

    /// <summary>Settings are read as the gateway reads them in this folder, but for its command line.</summary>
    private static IEnumerable<Finding> BeforeTheStart(string data)
    {
        try
        {
            var listen = WebApplication.CreateBuilder().Bind<ListenOptions>("Listen", listen => listen.Errors());
            return PortCheck.Look(data, listen);
        }
        catch (Exception e) when (e is OptionsValidationException or InvalidDataException)
        {
            return
            [
                Finding.Bad(
                    "settings",
                    e.Message,
                    "The gateway would not start: mend it in appsettings.json or in the environment."
                ),
            ];
        }
    }

    private static void Print(IReadOnlyList<Finding> findings)
    {
        foreach (var finding in findings)
        {
            var mark = finding.Verdict switch
            {
                Verdict.Good => "ok",
                Verdict.Doubtful => "??",
                _ => "BAD",
            };
            Console.WriteLine($"{mark, -4}{finding.Step, -10}{finding.Detail}");
            if (finding.Next is not null)
                Console.WriteLine($"{"", -14}→ {finding.Next}");
        }
    }
}
