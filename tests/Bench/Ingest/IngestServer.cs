namespace IoTGateway.Bench.Ingest;

/// <summary>A server under load, with all of its processes.</summary>
internal abstract class IngestServer : IAsyncDisposable
{
    /// <summary>How the tables call it.</summary>
    public abstract string Name { get; }

    /// <summary>Where devices connect.</summary>
    public abstract LinkTarget Target { get; }

    protected List<BenchProcess> Processes { get; } = [];

    public double CpuSeconds() => Processes.Sum(process => process.CpuSeconds());

    public long ResidentBytes() => Processes.Sum(process => process.ResidentBytes());

    /// <summary>Makes a device known where that is needed.</summary>
    /// <returns>Its token, or null where the server asks for none.</returns>
    public virtual Task<string?> AddDeviceAsync(string device) => Task.FromResult<string?>(null);

    /// <summary>Its messages.</summary>
    public virtual Uplink CreateUplink(string device, long startMs) =>
        new JsonUplink(device, startMs, isAcknowledged: false);

    /// <summary>Has garbage collected, where the server is of .NET.</summary>
    public virtual Task CollectGarbageAsync() => Task.CompletedTask;

    /// <summary>Whether it has brought all that it took to its database, as it says itself; null where it says nothing.</summary>
    public virtual Task<bool?> HasStoredAllAsync() => Task.FromResult<bool?>(null);

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var process in Processes)
            await process.DisposeAsync();
    }
}
