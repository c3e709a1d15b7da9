using System.CommandLine;
using System.Net;
using IoTGateway.Security;

namespace IoTGateway.Cli;

/// <summary><c>iotgw simulate</c>: virtual devices against any gateway. Exit code 0 only if every row was acknowledged.</summary>
internal static partial class SimulateVerb
{
    private const int MostDevices = 5_000;
    private const int LongestSeconds = 2_000_000;
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(30);

    private static readonly Option<int> Devices = new("--devices")
    {
        Description = $"How many devices, 1 to {MostDevices}",
        DefaultValueFactory = _ => 10,
    };
    private static readonly Option<double> Rate = new("--rate")
    {
        Description =
            $"Rows a second of each device, {SimulatedFleet.LeastRate:0.####} to {SimulatedFleet.MostRate:0}; a sample is a row of each of its three sensors",
        DefaultValueFactory = _ => 1,
    };
    private static readonly Option<Uri?> Url = new("--url")
    {
        Description =
            "Where the devices connect, such as wss://gateway.example:8443 (default: the gateway's own address)",
        CustomParser = result => LinkAddress.Parse(result, "--url"),
    };
    private static readonly Option<double> Seconds = new("--seconds")
    {
        Description = "End so long after all devices have a link; 0 runs until Ctrl+C",
    };
    private static readonly Option<FileInfo?> TokenFile = new("--token-file")
    {
        Description =
            "Tokens of devices that exist, one a line; without it devices are registered, and removed at the end",
    };

    public static Command Create()
    {
        var verb = new Command("simulate", "Run virtual devices against a gateway")
        {
            Devices,
            Rate,
            Url,
            Seconds,
            TokenFile,
            TransportOptions.Transport,
            TransportOptions.PollSeconds,
        };
        return verb.Calling((result, client, _) => SimulateAsync(result, client));
    }

    private static void Check(ParseResult result)
    {
        var (devices, rate, seconds) = (result.GetValue(Devices), result.GetValue(Rate), result.GetValue(Seconds));
        if (devices is < 1 or > MostDevices)
            throw new GatewayException($"--devices is {devices}: allowed are 1 to {MostDevices}.");
        if (!(rate is >= SimulatedFleet.LeastRate and <= SimulatedFleet.MostRate))
            throw new GatewayException(
                $"--rate is {rate}: allowed are {SimulatedFleet.LeastRate:0.####} to {SimulatedFleet.MostRate:0} rows a second of each device."
            );
        if (!(seconds is >= 0 and <= LongestSeconds))
            throw new GatewayException(
                $"--seconds is {seconds}: allowed are 0, which has no end, to {LongestSeconds}."
            );
        _ = TransportOptions.Of(result);
        _ = TransportOptions.PollInterval(result);
    }

    private static async Task<int> SimulateAsync(ParseResult result, GatewayClient client)
    {
        Check(result);
        using var signal = new StopSignal();
        var link = result.GetValue(Url) ?? LinkAddress.Of(client.Address);
        var caPem = link.Scheme == "wss" ? GatewayClient.RequireAuthority(result) : null;
        if (result.GetValue(TokenFile) is { } file)
            return await RunAsync(
                result,
                link,
                caPem,
                await ReadTokensAsync(file, result.GetValue(Devices), signal.Token),
                signal
            );

        var registered = new List<string>();
        try
        {
            var tokens = await RegisterAsync(client, result.GetValue(Devices), registered, signal.Token);
            return await RunAsync(result, link, caPem, tokens, signal);
        }
        catch (OperationCanceledException) when (signal.Token.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped before the first row.");
            return CommandLine.Failed;
        }
        finally
        {
            await RemoveAsync(client, registered);
        }
    }

    private static async Task<int> RunAsync(
        ParseResult result,
        Uri link,
        string? caPem,
        IReadOnlyList<string> tokens,
        StopSignal signal
    )
    {
        var time = TimeProvider.System;
        await using var fleet = new SimulatedFleet(
            tokens,
            link,
            caPem,
            result.GetValue(Rate),
            TransportOptions.Of(result),
            TransportOptions.PollInterval(result)
        );
        var report = new SimulationReport(result.GetValue(GatewayOptions.Json), time);
        fleet.Start();
        await UntilOverAsync(fleet, report, result.GetValue(Seconds), time, signal.Token);
        await fleet.StopAsync(CancellationToken.None);
        var end = fleet.Status;
        report.PrintEnd(end);
        if (end.IsComplete)
            return 0;
        await Console.Error.WriteLineAsync(Explain(end, link, fleet.LastLog));
        return CommandLine.Failed;
    }

    private static async Task UntilOverAsync(
        SimulatedFleet fleet,
        SimulationReport report,
        double seconds,
        TimeProvider time,
        CancellationToken stop
    )
    {
        using var ticks = new PeriodicTimer(SimulationReport.Every, time);
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, end.Token);
        var (start, counts) = (time.GetTimestamp(), false);
        try
        {
            while (await ticks.WaitForNextTickAsync(either.Token))
            {
                var status = fleet.Status;
                report.Print(status);
                if (counts || seconds == 0 || !HasBegun(status, time.GetElapsedTime(start)))
                    continue;
                counts = true;
                end.CancelAfter(TimeSpan.FromSeconds(seconds));
            }
        }
        catch (OperationCanceledException)
        {
            // The time is over, or somebody pressed Ctrl+C.
        }
    }

    /// <summary>A machine under load takes its time to open links: they do not count as the run.</summary>
    private static bool HasBegun(FleetStatus status, TimeSpan elapsed) =>
        status.Connected == status.Devices || status.ConnectFailures > 0 || elapsed >= ConnectLimit;

    private static string Explain(FleetStatus end, Uri link, string? lastLog) =>
        end.LinksOpened == 0
            ? $"No device got a link to {link}. The last one said: {lastLog ?? "nothing"}"
            : $"{end.RowsSampled - end.RowsAcknowledged} of {end.RowsSampled} rows were not acknowledged, {end.RowsLost} of them are lost. The last device that spoke said: {lastLog ?? "nothing"}";
}
