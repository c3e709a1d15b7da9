using IoTGateway.Devices;
using IoTGateway.Protocol;
using IoTGateway.Protocol.Messages;
using IoTGateway.Sinks;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench;

/// <summary>A data folder with a catalog for each device, for sinks that run without a gateway around them.</summary>
internal sealed class SinkFolder : IDisposable
{
    private SinkFolder()
    {
        Control = new ControlDatabase(Path);
        Catalogs = new CatalogStore(Control);
        Rejected = new RejectedRows(Path, TimeProvider.System, NullLogger.Instance);
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("iotgw-bench-sink-").FullName;

    public ControlDatabase Control { get; }

    public CatalogStore Catalogs { get; }

    public RejectedRows Rejected { get; }

    /// <summary>Of the catalog that all devices share.</summary>
    public uint CatalogHash { get; private set; }

    public static async Task<SinkFolder> CreateAsync(Catalog catalog, IEnumerable<string> devices)
    {
        var folder = new SinkFolder();
        var message = new WireWriter();
        catalog.Write(message);
        foreach (var device in devices)
            folder.CatalogHash =
                await folder.Catalogs.KeepAsync(device, catalog, message.ToArray(), CancellationToken.None)
                ?? throw new InvalidOperationException($"The catalog of {device} is not kept.");
        return folder;
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(Path, recursive: true);
    }
}
