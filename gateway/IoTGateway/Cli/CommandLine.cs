using System.CommandLine;

namespace IoTGateway.Cli;

/// <summary>The verbs. Without one, <c>serve</c>.</summary>
internal static class CommandLine
{
    /// <summary>Exit code of a run that did not do what was asked.</summary>
    public const int Failed = 1;

    /// <summary>Exit code of a command line or a setting that cannot be understood.</summary>
    public const int Misused = 2;

    public static Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand(
            "IoT Gateway: takes telemetry from devices over WebSocket, keeps it, and sends commands back"
        )
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        root.SetAction((result, ending) => ServeVerb.RunAsync(result.UnmatchedTokens, ending));
        root.Add(ServeVerb.Create());
        root.Add(DemoVerb.Create());
        root.Add(DeviceVerbs.Create());
        root.Add(KeyVerbs.Create());
        root.Add(DashboardVerb.Create());
        root.Add(SendVerb.Create());
        root.Add(WatchVerb.Create());
        root.Add(SimulateVerb.Create());
        root.Add(ProvisionVerb.Create());
        root.Add(DoctorVerb.Create());
        root.Add(ReadyVerb.Create());
        root.Add(BackupVerbs.CreateBackup());
        root.Add(BackupVerbs.CreateRestore());
        // The gateway closes its links in its own time; the host, not the parser, hears SIGTERM.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }
}
