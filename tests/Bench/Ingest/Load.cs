using System.Diagnostics;

namespace IoTGateway.Bench.Ingest;

/// <summary>How links send.</summary>
internal static class Load
{
    /// <summary>
    /// Messages of a device that may be on their way to the database, where a server acknowledges none: ten times what the
    /// gateway's window lets, so that its batches are as large as it likes.
    /// </summary>
    private const int MostUnstored = 320;

    private static readonly TimeSpan CountEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>As quickly as the server takes it; one that acknowledges nothing, as quickly as it stores it.</summary>
    public static async Task FloodAsync(IReadOnlyList<LoadLink> links, LineStore? database, TimeSpan time)
    {
        using var ending = new CancellationTokenSource(time);
        var limiting =
            links[0].IsAcknowledging || database is null
                ? Task.CompletedTask
                : LimitAsync(links, database, ending.Token);
        await Task.WhenAll(links.Select(link => Task.Run(() => link.FloodAsync(ending.Token), CancellationToken.None)));
        await limiting;
    }

    private static async Task LimitAsync(IReadOnlyList<LoadLink> links, LineStore database, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            var each = await database.CountAsync() / Payload.RowsPerMessage / links.Count;
            foreach (var link in links)
                link.Most = each + MostUnstored;
            await Task.Delay(CountEvery, TimeProvider.System, CancellationToken.None);
        }
        foreach (var link in links)
            link.Most = long.MaxValue;
    }

    /// <summary>One device after the other, evenly over each second, as clocks that know nothing of each other do.</summary>
    public static Task PaceAsync(IReadOnlyList<LoadLink> links, int rate, TimeSpan time) =>
        Task.Factory.StartNew(
            () =>
            {
                var clock = Stopwatch.StartNew();
                var sent = 0L;
                while (clock.Elapsed < time)
                {
                    for (var due = (long)(clock.Elapsed.TotalSeconds * rate); sent < due; sent++)
                        links[(int)(sent % links.Count)].TrySendNext();
#pragma warning disable RS0030 // a thread that keeps time, not a test that hopes
                    Thread.Sleep(1);
#pragma warning restore RS0030
                }
            },
            TaskCreationOptions.LongRunning
        );
}
