using EndToEnd.Tests;
using IoTGateway.Faults.Devices;
using IoTGateway.Tests.Servers;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// No room: on a disk that somebody else fills, and at the journal's quota behind a dead database. Receipts stop, links
/// stay, /readyz says why, devices keep their rows; and with room again all arrives without a hand.
/// </summary>
internal static class DiskRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task FullAsync(FaultRun run, int devices, TimeSpan outage)
    {
        await using var disk = await SmallDisk.MountAsync(mebibytes: 48);
        await using var gateway = await GatewayProcess.StartInAsync(Path.Combine(disk.Path, "data"));
        await using var fleet = new Fleet(gateway, run);
        await StartAsync(fleet, devices);
        disk.FillUp(leaveBytes: 0);
        run.Say("the disk is full");
        await OutageAsync(gateway, fleet, run, "disk full", outage);
        disk.MakeRoom();
        await BackAsync(gateway, fleet, run);
        await fleet.CompareAsync();
        run.Conclude();
    }

    public static async Task QuotaAsync(FaultRun run, int devices, TimeSpan outage)
    {
        await using var influx = await InfluxDbServer.StartAsync();
        await using var gateway = await GatewayProcess.StartAsync(
            $"--Influx:Url={influx.Url}",
            "--Influx:Version=1",
            $"--Influx:Database={InfluxDbServer.Database}",
            $"--Journal:MaxBytes={Journal.JournalOptions.SmallestMaxBytes}",
            "--Journal:KeepBytes=0"
        );
        await using var fleet = new Fleet(gateway, run);
        await StartAsync(fleet, devices);
        await influx.StopAsync();
        run.Say("InfluxDB is down");
        await OutageAsync(gateway, fleet, run, "quota reached", outage);
        await influx.ResumeAsync();
        await BackAsync(gateway, fleet, run);
        await fleet.CompareAsync(
            async () => run.Ledger.Compare("influxdb", await Stores.InfluxAsync(influx, fleet.Ids)),
            journalKeepsAll: false
        );
        run.Conclude();
    }

    private static async Task StartAsync(Fleet fleet, int devices)
    {
        for (var i = 0; i < devices; i++)
            await fleet.AddLightAsync($"light-{i}", new LightOptions { Interval = TimeSpan.FromMilliseconds(1) });
        await fleet.AddBoardAsync("board", new BoardOptions());
        fleet.Start();
        await Await.UntilAsync(
            "every device has receipts",
            Patience,
            () => fleet.Light.All(device => device.RowsAcknowledged > 0) && fleet.Boards[0].Status.RowsAcknowledged > 0
        );
    }

    private static async Task OutageAsync(
        GatewayProcess gateway,
        Fleet fleet,
        FaultRun run,
        string reason,
        TimeSpan outage
    )
    {
        var said = "";
        await Await.UntilAsync(
            $"/readyz says '{reason}'",
            Patience,
            async () =>
            {
                using var answer = await gateway.Api.GetAsync("/readyz");
                said = await answer.Content.ReadAsStringAsync();
                return (int)answer.StatusCode == 503 && said.Contains(reason, StringComparison.Ordinal);
            }
        );
        run.Say($"/readyz: {said.Trim()}");
        var (opened, acknowledged) = Count(fleet);
        await Await.PassAsync(outage);
        var (openedLater, acknowledgedLater) = Count(fleet);
        Assert.True(opened == openedLater, "Links were lost in the outage; they should have stayed.");
        Assert.All(fleet.Light, device => Assert.True(device.IsOpen));
        Assert.True(
            acknowledged == acknowledgedLater,
            $"{acknowledgedLater - acknowledged} rows were acknowledged while there was no room for them."
        );
    }

    private static async Task BackAsync(GatewayProcess gateway, Fleet fleet, FaultRun run)
    {
        var before = Count(fleet).Acknowledged;
        await Await.UntilAsync("receipts flow again", Patience, () => Count(fleet).Acknowledged > before);
        run.Say("room again: receipts flow");
        await fleet.DrainAsync(Patience);
        using var ready = await gateway.Api.GetAsync("/readyz");
        Assert.Equal(200, (int)ready.StatusCode);
    }

    private static (int Opened, long Acknowledged) Count(Fleet fleet) =>
        (fleet.Light.Sum(device => device.LinksOpened), fleet.Light.Sum(device => device.RowsAcknowledged));
}
