using System.Collections.Concurrent;
using IoTGateway.VirtualDevice;
using Board = IoTGateway.VirtualDevice.VirtualDevice;

namespace IoTGateway.Faults.Devices;

/// <summary>How a board samples, and what its clock says at boot.</summary>
internal sealed record BoardOptions
{
    public int SampleIntervalMs { get; init; } = 100;

    public int RowsPerMessage { get; init; } = 3;

    public TimeSpan BackoffCap { get; init; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    public bool ClockIsSetAtBoot { get; init; } = true;

    public bool TakesTimeFromGateway { get; init; } = true;

    public int OutboxBytes { get; init; } = 12 * 1024;
}

/// <summary>A virtual device, which runs the firmware's own source, whose rows go into the ledger as they are sealed.</summary>
internal sealed class NumberedBoard : IAsyncDisposable
{
    /// <summary>Rows in the batch that fills, and in a message or two on their way.</summary>
    private const int MostWaiting = 40;

    private readonly Board _board;
    private readonly string _flash = Directory.CreateTempSubdirectory("iotgw-flash-").FullName;
    private readonly Ledger _ledger;

    public NumberedBoard(string token, Uri link, string caPem, Ledger ledger, int seed, BoardOptions options)
    {
        Id = token[..token.LastIndexOf('.')];
        _ledger = ledger;
        _board = new Board(
            new VirtualDeviceOptions
            {
                Token = token,
                Gateway = link,
                CaPem = caPem,
                FlashDirectory = _flash,
                SampleIntervalMs = options.SampleIntervalMs,
                RowsPerMessage = options.RowsPerMessage,
                OutboxBytes = options.OutboxBytes,
                BackoffBase = TimeSpan.FromMilliseconds(100),
                BackoffCap = options.BackoffCap,
                StallTimeout = options.StallTimeout,
                ClockIsSetAtBoot = options.ClockIsSetAtBoot,
                TakesTimeFromGateway = options.TakesTimeFromGateway,
                Seed = seed,
                OnRow = Remember,
            }
        );
    }

    public string Id { get; }

    public VirtualDeviceStatus Status => _board.Status;

    /// <summary>Rows whose time counts from a boot: the gateway puts them on the wall clock, the ledger cannot.</summary>
    public ConcurrentQueue<VirtualRow> RowsSinceBoot { get; } = new();

    public void Start() => _board.Start();

    public void ShiftClock(TimeSpan by) => _board.ShiftClock(by);

    public Task UntilAcknowledgedAsync(long rows, TimeSpan limit)
    {
        var target = Status.RowsAcknowledged + rows;
        return Await.UntilAsync(
            $"'{Id}' has {target} rows acknowledged; fault: {Status.Fault}",
            limit,
            () => Status.RowsAcknowledged >= target
        );
    }

    /// <summary>Waits for a link, ends in order, and says in the ledger that all was acknowledged; fails where not.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        await Await.UntilAsync($"'{Id}' is connected; fault: {Status.Fault}", limit, () => Status.Connected);
        // Its own end waits for the last receipts only a few seconds, which is not meant for a backlog.
        await Await.UntilAsync(
            $"'{Id}' has sent its backlog",
            limit,
            () => Status.RowsSampled - Status.RowsAcknowledged < MostWaiting
        );
        using var patience = new CancellationTokenSource(limit);
        await _board.StopAsync(patience.Token);
        Assert.Null(Status.Fault);
        Assert.Equal(Status.RowsSampled, Status.RowsAcknowledged);
        Assert.Equal(0, Status.RowsDropped + Status.RowsRefused + Status.RowsLost);
        _ledger.AllAcknowledged(Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _board.DisposeAsync();
        Directory.Delete(_flash, recursive: true);
    }

    private void Remember(VirtualRow row)
    {
        if (!row.IsUnixTime)
        {
            RowsSinceBoot.Enqueue(row);
            return;
        }
        _ledger.Sent(
            new RowKey(Id, row.Measurement, row.TimeMs),
            row.Epoch,
            row.Sequence,
            row.Readings.ToDictionary(reading => reading.Field, ValueOf)
        );
    }

    private static double ValueOf(VirtualReading reading) =>
        reading.Type switch
        {
            VirtualFieldType.Float32 => reading.AsSingle,
            VirtualFieldType.Boolean => reading.AsBoolean ? 1 : 0,
            _ => (double)reading.AsDecimal,
        };
}
