using System.CommandLine;
using IoTGateway.Security;
using Microsoft.Extensions.Options;

namespace IoTGateway.Cli;

/// <summary><c>iotgw serve</c>: runs the gateway until it is told to stop.</summary>
internal static class ServeVerb
{
    public static Command Create()
    {
        var verb = new Command("serve", $"Run the gateway. {Settings.Description}")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        verb.SetAction((result, ending) => RunAsync(result.UnmatchedTokens, ending));
        return verb;
    }

    public static Task<int> RunAsync(IReadOnlyList<string> settings, CancellationToken ending) =>
        RunAsync(
            settings,
            (app, adminKey) =>
            {
                PrintStart(app, adminKey);
                return app.WaitForShutdownAsync(ending);
            }
        );

    /// <summary>Starts a gateway, does something with it, and stops it; what goes wrong is told in words.</summary>
    /// <param name="settings">As on the command line.</param>
    /// <param name="run">Gets the running gateway, and the admin key where it was made just now.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> settings, Func<WebApplication, string?, Task> run)
    {
        if (Settings.Error(settings) is { } misused)
        {
            await Console.Error.WriteLineAsync(misused);
            return CommandLine.Misused;
        }
        try
        {
            await using var app = Program.BuildGateway([.. settings]);
            var given = app.Services.GetRequiredService<IOptions<SecurityOptions>>().Value.AdminKey;
            var adminKey = app.Services.GetRequiredService<ApiKeys>().EnsureAdminKey(given);
            await app.StartAsync();
            LocalGateway.Write(app);
            ServiceManager.Ready();
            await run(app, adminKey);
            ServiceManager.Stopping();
            await app.StopAsync();
            return 0;
        }
        catch (OptionsValidationException e)
        {
            foreach (var failure in e.Failures)
                await Console.Error.WriteLineAsync(failure);
            return CommandLine.Misused;
        }
        catch (Exception e)
            when (e is IOException or UnauthorizedAccessException or InvalidOperationException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(Explain(e));
            return CommandLine.Failed;
        }
    }

    private static void PrintStart(WebApplication app, string? adminKey)
    {
        var addresses = Addresses.Of(app);
        Console.WriteLine("IoT Gateway is listening.");
        Console.WriteLine();
        Console.WriteLine($"  devices   {addresses.Link}");
        Console.WriteLine($"  API       {string.Join("  ", addresses.All)}");
        Console.WriteLine($"  dashboard {DashboardVerb.Link(app)}   (signs in once, within ten minutes)");
        Console.WriteLine($"  data      {app.Services.DataFolder()}");
        if (app.Services.GetRequiredService<ServerCertificate>().IsOwn)
            Console.WriteLine(
                $"  CA        {Path.Combine(app.Services.DataFolder(), CertificateAuthority.CertificateFile)}"
            );
        if (adminKey is not null)
            Console.WriteLine($"  admin key {adminKey}   (shown this once)");
        Console.WriteLine();
    }

    private static string Explain(Exception e) =>
        e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase)
            ? $"{e.Message}\nAnother program has the port: end it, or choose others with --Listen:Https=9443 --Listen:Http=9080 (0 turns HTTP off)."
            : e.Message;
}
