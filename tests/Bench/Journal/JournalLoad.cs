using System.Diagnostics;
using System.Threading.Channels;
using IoTGateway.Bench.Ingest;
using IoTGateway.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.Journal;

/// <summary>A journal of its own that always has a number of messages in hand: one is acknowledged, the next comes.</summary>
internal sealed class JournalLoad : IAsyncDisposable
{
    private readonly TelemetryJournal _journal;
    private readonly Channel<int> _acknowledged;
    private readonly string[] _devices;
    private readonly Action<uint, uint>[] _receipts;
    private readonly uint[] _sequences;
    private readonly byte[] _message = Payload.Telemetry(1, 1_700_000_000_000);
    private readonly List<int> _batchRecords = [];
    private long _lastBatch = -1;

    /// <param name="folder">Of the journal.</param>
    /// <param name="inHand">Messages appended and not acknowledged; each is another device's.</param>
    public JournalLoad(string folder, int inHand)
    {
        _journal = TelemetryJournal.Open(
            // Few messages in hand would wait for others that do not come.
            new JournalOptions
            {
                Path = folder,
                KeepBytes = 0,
                Gather = TimeSpan.Zero,
            },
            TimeProvider.System,
            NullLogger<TelemetryJournal>.Instance
        );
        // Never more than there are messages in hand.
        _acknowledged = Channel.CreateUnbounded<int>(new() { SingleReader = true, SingleWriter = true });
        _sequences = new uint[inHand];
        _devices = [.. Enumerable.Range(0, inHand).Select(device => $"bench-{device:D5}")];
        _receipts = [.. Enumerable.Range(0, inHand).Select(device => new Action<uint, uint>((_, _) => Take(device)))];
    }

    /// <summary>Bytes of one message as it stands in the journal.</summary>
    public int RecordBytes => (int)(_journal.Counters.AppendedBytes / _journal.Counters.AppendedRecords);

    /// <summary>Records of each batch that was written and synced, in order.</summary>
    public IReadOnlyList<int> BatchRecords => _batchRecords;

    /// <summary>Appends for some time, until all is acknowledged.</summary>
    /// <returns>The time from the first append to the last acknowledgement.</returns>
    public async Task<TimeSpan> RunAsync(TimeSpan duration)
    {
        _batchRecords.Clear();
        var clock = Stopwatch.StartNew();
        for (var device = 0; device < _receipts.Length; device++)
            await AppendAsync(device);
        var inHand = _receipts.Length;
        while (inHand > 0)
        {
            await _acknowledged.Reader.WaitToReadAsync();
            var goesOn = clock.Elapsed < duration;
            // As many as there may be: more would come while these are read.
            for (var read = 0; read < _receipts.Length && _acknowledged.Reader.TryRead(out var device); read++)
            {
                if (goesOn)
                    await AppendAsync(device);
                else
                    inHand--;
            }
        }
        return clock.Elapsed;
    }

    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    private ValueTask AppendAsync(int device) =>
        _journal.AppendAsync(
            new JournalEntry(_devices[device], 1_700_000_000_000, 1, 0, 1, ++_sequences[device]),
            _message,
            _receipts[device],
            CancellationToken.None
        );

    /// <summary>From the journal's one writer: a batch is counted before its messages are acknowledged.</summary>
    private void Take(int device)
    {
        var batch = _journal.Counters.Batches;
        if (batch != _lastBatch)
            _batchRecords.Add(0);
        _lastBatch = batch;
        _batchRecords[^1]++;
        _acknowledged.Writer.TryWrite(device);
    }
}
