using System.Diagnostics;

namespace IoTGateway.Bench.Ingest;

/// <summary>What one load on one server cost.</summary>
/// <param name="Server">Its name.</param>
/// <param name="Rate">Messages a second asked for; 0 for as many as it takes.</param>
/// <param name="MessagesPerSecond">Messages a second that went out.</param>
/// <param name="CpuSecondsPerMillionReadings">Of the server, the time until the last row was stored included.</param>
/// <param name="ResidentMegabytes">At the end.</param>
/// <param name="LostRows">Sent, and not in the database at the end.</param>
internal sealed record LoadCost(
    string Server,
    int Rate,
    double MessagesPerSecond,
    double CpuSecondsPerMillionReadings,
    double ResidentMegabytes,
    long LostRows
);

/// <summary>A load.</summary>
/// <param name="Devices">Each with a link of its own.</param>
/// <param name="Rate">Messages a second of all of them; 0 for as many as the server takes.</param>
/// <param name="Seconds">How long it is measured.</param>
/// <param name="WarmUp">Seconds of 10,000 messages a second before that.</param>
internal readonly record struct LoadPlan(int Devices, int Rate, int Seconds, int WarmUp);

/// <summary>Carries out a load on a server, and says what it cost.</summary>
internal sealed class LoadRun(IngestServer server, LineStore? database, LoadPlan plan)
{
    /// <summary>Where a server does not say whether there is more to come: without a new row for that long, the rest was lost.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <summary>Within this time a database shows what it has taken.</summary>
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan LongestOutage = TimeSpan.FromMinutes(2);

    private const int WarmUpRate = 10_000;
    private const int SettleSeconds = 2;

    private readonly List<LoadLink> _links = [];

    public async Task<LoadCost> RunAsync()
    {
        await ConnectAsync();
        try
        {
            // So many messages that compilers have done their work, then the load itself for a moment.
            await Load.PaceAsync(_links, WarmUpRate, TimeSpan.FromSeconds(plan.WarmUp));
            await SendAsync(SettleSeconds);
            var before = await UntilSettledAsync();
            var sent = Sent();
            var cpu = server.CpuSeconds();
            var clock = Stopwatch.StartNew();
            await SendAsync(plan.Seconds);
            var seconds = clock.Elapsed.TotalSeconds;
            var stored = await UntilSettledAsync();
            var messages = Sent() - sent;
            // What a server took and lost cost it something too, and is of no use to anybody: only rows that are there count.
            var rows = database is null ? messages * Payload.RowsPerMessage : stored - before;
            var readings = rows * (double)Payload.FieldsPerRow;
            return new LoadCost(
                server.Name,
                plan.Rate,
                messages / seconds,
                (server.CpuSeconds() - cpu) / readings * 1e6,
                server.ResidentBytes() / 1e6,
                database is null ? 0 : (Sent() * Payload.RowsPerMessage) - stored
            );
        }
        catch (IOException e) when (_links.Find(link => link.Closed is not null) is { } closed)
        {
            throw new InvalidOperationException($"{server.Name} closed a link: {closed.Closed}", e);
        }
        finally
        {
            foreach (var link in _links)
                await link.DisposeAsync();
        }
    }

    private long Sent() => _links.Sum(link => (long)link.Sent);

    private async Task ConnectAsync()
    {
        // An hour ago, as a flood makes more rows than milliseconds go by.
        var startMs = TimeProvider.System.GetUtcNow().AddHours(-1).ToUnixTimeMilliseconds();
        for (var i = 0; i < plan.Devices; i++)
        {
            var device = $"bench-{i:D5}";
            var token = await server.AddDeviceAsync(device);
            var uplink = server.CreateUplink(device, startMs);
            // A flood waits for its receipts; a server that gives none says nothing.
            var reading = plan.Rate > 0 && uplink.IsAcknowledged ? LinkReading.WhenSending : LinkReading.AtOnce;
            _links.Add(await LoadLink.OpenAsync(server.Target, token, uplink, reading: reading));
        }
    }

    private Task SendAsync(int seconds)
    {
        var time = TimeSpan.FromSeconds(seconds);
        return plan.Rate == 0 ? Load.FloodAsync(_links, database, time) : Load.PaceAsync(_links, plan.Rate, time);
    }

    /// <summary>Until all is acknowledged where the server acknowledges, and the database gets no more rows.</summary>
    /// <returns>Rows in the database.</returns>
    private async Task<long> UntilSettledAsync()
    {
        var limit = Stopwatch.StartNew();
        while (
            _links.Exists(link => link.IsAcknowledging && link.Acknowledged < link.Sent)
            && limit.Elapsed < TimeSpan.FromSeconds(30)
        )
        {
            _links.ForEach(link => link.TakeReceipts());
            await Pause(20);
        }
        if (database is null)
            return 0;
        var all = Sent() * Payload.RowsPerMessage;
        var stored = 0L;
        var lastRow = Stopwatch.StartNew();
        while (true)
        {
            // Asked before the count: what is stored in between is no loss. A database may show it a little later.
            var says = await server.HasStoredAllAsync();
            var isOver = (says ?? true) && lastRow.Elapsed > (says is null ? LongestSilence : LongestFlush);
            var now = await database.CountAsync();
            if (now >= all || isOver)
                return now;
            if (now > stored)
                lastRow.Restart();
            else if (lastRow.Elapsed > LongestOutage)
                throw new InvalidOperationException($"{server.Name} brings no more rows to {database.Name}.");
            stored = now;
            await Pause(500);
        }
    }

    private static Task Pause(int milliseconds) =>
        Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, CancellationToken.None);
}
