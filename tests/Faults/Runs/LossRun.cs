using System.Diagnostics;
using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// A network that loses packets, each way. It runs in a network namespace of its own, in which everything is: the gateway,
/// the devices, and the rule that drops. The namespace ends with its last process, so that nothing can be left behind.
/// </summary>
internal static class LossRun
{
    /// <summary>The verb that runs inside of the namespace.</summary>
    public const string Inside = "loss-inside";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Starts this program again, in a namespace of its own.</summary>
    public static async Task RunAsync(Action<string> print, int seed, int percent, int seconds)
    {
        SmallDisk.RequireRoot("a network namespace");
        SmallDisk.RequireProgram("/usr/bin/unshare", "util-linux");
        SmallDisk.RequireProgram("/usr/sbin/nft", "nftables");
        var start = new ProcessStartInfo("/usr/bin/unshare")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] arguments =
        [
            "--net",
            Environment.ProcessPath!, // a program that runs has one
            .. IsDotnet ? [typeof(LossRun).Assembly.Location] : Array.Empty<string>(),
            Inside,
            $"--seed={seed}",
            $"--percent={percent}",
            $"--seconds={seconds}",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("unshare does not start.");
        var errors = process.StandardError.ReadToEndAsync();
        while (await process.StandardOutput.ReadLineAsync() is { } line)
            print(line);
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
    }

    /// <summary>Inside of the namespace.</summary>
    public static async Task RunInsideAsync(FaultRun run, int percent, TimeSpan time)
    {
        await CallAsync("/usr/sbin/ip", "link", "set", "lo", "up");
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        for (var i = 0; i < 4; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions { Interval = TimeSpan.FromMilliseconds(200) });
        await fleet.AddBoardAsync("board", new BoardOptions { SampleIntervalMs = 500 });
        fleet.Start();
        await NetworkRun.FlowsAsync(fleet);
        await DropAsync(gateway.HttpsPort, percent);
        var opened = fleet.Light.Sum(device => device.LinksOpened);
        var falselyOffline = await NetworkRun.WatchPresenceAsync(gateway, fleet, time);
        var lost = fleet.Light.Sum(device => device.LinksOpened) - opened;
        run.Say(
            $"{percent} % of all packets lost each way for {time.TotalSeconds:F0} s: {falselyOffline} times falsely offline, {lost} links lost"
        );
        Assert.Equal(0, falselyOffline);
        Assert.Equal(0, lost);
        // A board that is told to end waits for its last receipts for 3 s, whatever the network does.
        await CallAsync("/usr/sbin/nft", "delete table inet faults");
        await fleet.DrainAsync(Patience);
        await fleet.CompareAsync();
        run.Conclude();
    }

    private static bool IsDotnet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet";

    /// <summary>Only packets of device links: the API is how the test looks.</summary>
    private static async Task DropAsync(int port, int percent)
    {
        await CallAsync("/usr/sbin/nft", "add table inet faults");
        await CallAsync("/usr/sbin/nft", "add chain inet faults input { type filter hook input priority 0 ; }");
        foreach (var side in new[] { "dport", "sport" })
            await CallAsync(
                "/usr/sbin/nft",
                $"add rule inet faults input tcp {side} {port} numgen random mod 100 < {percent} drop"
            );
    }

    private static async Task CallAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start.");
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {error}");
    }
}
