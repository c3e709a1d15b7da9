using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using EndToEnd.Tests;

namespace IoTGateway.Faults.Devices;

/// <summary>Devices against one gateway, light ones and such as run the firmware, with one ledger.</summary>
internal sealed class Fleet(GatewayProcess gateway, FaultRun run) : IAsyncDisposable
{
    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler { SslOptions = Trusting(gateway.CaPath), ConnectTimeout = TimeSpan.FromSeconds(90) }
    );

    public List<LightDevice> Light { get; } = [];

    public List<NumberedBoard> Boards { get; } = [];

    public IEnumerable<string> Ids => Light.Select(device => device.Id).Concat(Boards.Select(board => board.Id));

    public async Task<LightDevice> AddLightAsync(
        string id,
        LightOptions options,
        Uri? link = null,
        Action<bool>? attempting = null
    )
    {
        var token = await gateway.AddDeviceAsync(id);
        var random = new Random(run.Random.Next());
        var device = new LightDevice(token, link ?? gateway.Link, _http, run.Ledger, random, options)
        {
            Attempting = attempting,
        };
        Light.Add(device);
        return device;
    }

    public async Task<NumberedBoard> AddBoardAsync(string id, BoardOptions options, Uri? link = null)
    {
        var token = await gateway.AddDeviceAsync(id);
        var board = new NumberedBoard(
            token,
            link ?? gateway.Link,
            File.ReadAllText(gateway.CaPath),
            run.Ledger,
            run.Random.Next(),
            options
        );
        Boards.Add(board);
        return board;
    }

    /// <summary>How long the light devices waited for their receipts, of those since the last call.</summary>
    public List<TimeSpan> TakeLatencies() => [.. Light.SelectMany(device => device.TakeLatencies())];

    public void Start()
    {
        foreach (var device in Light)
            device.Start();
        foreach (var board in Boards)
            board.Start();
    }

    /// <summary>No new rows; waits until every row sent is acknowledged.</summary>
    public async Task DrainAsync(TimeSpan limit)
    {
        foreach (var device in Light)
            device.StopProducing();
        await Await.UntilAsync(
            "every light device has its receipts",
            limit,
            () => Light.All(device => device.IsDrained)
        );
        await Task.WhenAll(Boards.Select(board => board.StopAsync(limit)));
    }

    /// <summary>
    /// Waits until each sink has stored all, compares history and what else there is, stops the gateway, and compares the
    /// journal. Where its quota lets segments go that the sinks have passed, how many rows the history was given is compared
    /// instead, as this run of the gateway counted them.
    /// </summary>
    public async Task CompareAsync(Func<Task>? beforeStop = null, bool journalKeepsAll = true)
    {
        await Await.UntilAsync("the sinks have caught up", TimeSpan.FromSeconds(60), gateway.HasNoLagAsync);
        run.Ledger.Compare("history", await Stores.HistoryAsync(gateway, Ids));
        if (!journalKeepsAll)
            run.Ledger.CompareCount("counted", (int)await gateway.MetricAsync("""iotgw_sink_rows{sink="history"}"""));
        if (beforeStop is not null)
            await beforeStop();
        await gateway.StopAsync();
        if (journalKeepsAll)
            run.Ledger.Compare("journal", await Stores.JournalAsync(gateway.Folder, Ids), showsDoubled: true);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Light.Select(device => device.DisposeAsync().AsTask()));
        foreach (var board in Boards)
            await board.DisposeAsync();
        _http.Dispose();
    }

    private static SslClientAuthenticationOptions Trusting(string caPath) =>
        new()
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(caPath) },
                RevocationMode = X509RevocationMode.NoCheck,
            },
        };
}
