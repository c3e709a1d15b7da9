using EndToEnd.Tests;
using IoTGateway.Faults.Devices;

namespace IoTGateway.Faults.Runs;

/// <summary>
/// Boards whose clocks are wrong: at 1970 from the boot on, a year ahead, jumping back and forth while they stream. Every row
/// is stored once, under the time its device gave it; a clock that was never set is put on the gateway's; how far off one is is shown, also after a jump on an open link.
/// </summary>
internal static class ClockRun
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>How old a row may be when it comes, on a busy machine.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task RunAsync(FaultRun run, int jumps)
    {
        await using var gateway = await GatewayProcess.StartAsync();
        await using var fleet = new Fleet(gateway, run);
        await fleet.AddBoardAsync("jumping", new BoardOptions());
        await using var proxy = new TcpProxy(gateway.HttpsPort);
        var link = new UriBuilder(gateway.Link) { Port = proxy.Port }.Uri;
        await fleet.AddBoardAsync("ahead", new BoardOptions(), link);
        // A board that was never set, and takes no time from anybody: its rows count from its boot.
        await using var neverSetOwner = new Fleet(gateway, run);
        var neverSet = await neverSetOwner.AddBoardAsync(
            "never-set",
            new BoardOptions { ClockIsSetAtBoot = false, TakesTimeFromGateway = false }
        );
        var began = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        fleet.Start();
        neverSet.Start();
        fleet.Boards[1].ShiftClock(Year);
        await fleet.Boards[1].UntilAcknowledgedAsync(9, Patience);
        // The next link says HELLO with the wrong clock: the gateway tells how far it is off.
        proxy.CutAll(run.Random);
        await fleet.Boards[0].UntilAcknowledgedAsync(9, Patience);
        var off = TimeSpan.Zero;
        for (var jump = 0; jump < jumps; jump++)
        {
            var by = TimeSpan.FromMinutes((jump % 2 == 0 ? 1 : -2) * run.Random.Next(2, 1_000));
            fleet.Boards[0].ShiftClock(by);
            off += by;
            await IsShownAsync(gateway, "jumping", off);
        }
        run.Say($"the board whose clock jumped {jumps} times was shown as far off as it was after each");
        await fleet.Boards[1].UntilAcknowledgedAsync(9, Patience);
        await neverSet.UntilAcknowledgedAsync(9, Patience);
        await CheckFlagsAsync(gateway, run);
        await fleet.DrainAsync(Patience);
        await neverSet.StopAsync(Patience);
        var ended = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await Await.UntilAsync("the sinks have caught up", Patience, gateway.HasNoLagAsync);
        await CheckNeverSetAsync(gateway, neverSet, run, began, ended);
        await fleet.CompareAsync();
        await CheckRawAsync(gateway, neverSet, run);
        run.Conclude();
    }

    /// <summary>Whoever looks at the device sees that its clock is wrong, and by how much; or that it has none.</summary>
    private static async Task CheckFlagsAsync(GatewayProcess gateway, FaultRun run)
    {
        var off = await IsShownAsync(gateway, "ahead", Year);
        run.Say($"the board a year ahead is shown with a skew of {off.TotalDays:F4} days");
        var never = (await gateway.GetAsync("/api/devices/never-set")).GetProperty("clockSkewMs");
        Assert.Equal(System.Text.Json.JsonValueKind.Null, never.ValueKind);
    }

    /// <summary>While its link is open: no HELLO tells it.</summary>
    private static async Task<TimeSpan> IsShownAsync(GatewayProcess gateway, string board, TimeSpan off)
    {
        var shown = TimeSpan.Zero;
        await Await.UntilAsync(
            $"the gateway shows that the clock of '{board}' is {off} off",
            Patience,
            async () =>
            {
                var skew = (await gateway.GetAsync($"/api/devices/{board}")).GetProperty("clockSkewMs");
                shown = TimeSpan.FromMilliseconds(skew.GetInt64());
                return (shown - off).Duration() < Tolerance;
            }
        );
        return shown;
    }

    /// <summary>The journal of the stopped gateway has the rows as they came, counted from the boot, and beside them the boot's time.</summary>
    private static async Task CheckRawAsync(GatewayProcess gateway, NumberedBoard board, FaultRun run)
    {
        var raw = await Stores.SinceBootAsync(gateway.Folder, board.Id);
        var sent = board.RowsSinceBoot.Select(row => row.TimeMs);
        Assert.Equal(sent.Order(), raw.Order());
        run.Say($"never set: the journal has the {raw.Count} times since boot as the device gave them");
    }

    /// <summary>All of its rows, in their own distances, and within the time that really passed.</summary>
    private static async Task CheckNeverSetAsync(
        GatewayProcess gateway,
        NumberedBoard board,
        FaultRun run,
        long began,
        long ended
    )
    {
        var stored = (await Stores.HistoryAsync(gateway, [board.Id]))
            .Select(row => row.Key)
            .OrderBy(row => row.Measurement, StringComparer.Ordinal)
            .ThenBy(row => row.UnixMs)
            .ToArray();
        var sent = board
            .RowsSinceBoot.OrderBy(row => row.Measurement, StringComparer.Ordinal)
            .ThenBy(row => row.TimeMs)
            .ToArray();
        Assert.Equal(sent.Length, stored.Length);
        var offsets = stored.Zip(sent).Select(pair => pair.First.UnixMs - pair.Second.TimeMs).Distinct().ToArray();
        Assert.True(offsets.Length == 1, $"Rows since boot were put on {offsets.Length} different clocks.");
        Assert.All(stored, row => Assert.InRange(row.UnixMs, began - 2_000, ended + 2_000));
        run.Say(
            $"never set: {sent.Length} rows since boot sent, {stored.Length} stored, all within the time of the run"
        );
    }
}
