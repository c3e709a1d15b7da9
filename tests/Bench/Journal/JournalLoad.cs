using System.Diagnostics;
using IoTGateway.Bench.Ingest;
using IoTGateway.Journal;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Bench.Journal;

/// <summary>
/// A journal of its own that always has a number of messages in hand: one is acknowledged, the next comes. By a thread of
/// its own, as links have, which takes receipts as they come; a single message by whoever is told of the
/// receipt, as two threads that wait for each other would be no matter of the journal's.
/// </summary>
internal sealed class JournalLoad : IAsyncDisposable
{
    /// <summary>So many receipts are handed over at a time: the next messages come while the rest are told.</summary>
    private const int Portion = 64;

    private readonly TelemetryJournal _journal;
    private readonly string[] _devices;
    private readonly Action<uint, uint>[] _receipts;
    private readonly uint[] _sequences;
    private readonly byte[] _message = Payload.Telemetry(1, 1_700_000_000_000);
    private readonly List<int> _batchRecords = [];
    private readonly object _lock = new();

    // Devices whose message is acknowledged: told by the journal's thread, then ready to be taken, then being taken.
    private readonly int[] _told = new int[Portion];
    private int _toldCount;
    private int _batchCount;
    private int[] _ready;
    private int _readyCount;
    private int[] _taken;

    private Stopwatch _clock = new();
    private TimeSpan _duration;

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
        _sequences = new uint[inHand];
        _devices = [.. Enumerable.Range(0, inHand).Select(device => $"bench-{device:D5}")];
        _receipts = [.. Enumerable.Range(0, inHand).Select(device => new Action<uint, uint>((_, _) => Told(device)))];
        (_ready, _taken) = (new int[inHand], new int[inHand]);
        _journal.Acknowledged += EndOfBatch;
    }

    /// <summary>Bytes of one message as it stands in the journal.</summary>
    public int RecordBytes => (int)(_journal.Counters.AppendedBytes / _journal.Counters.AppendedRecords);

    /// <summary>Records of each batch that was written and synced, in order.</summary>
    public IReadOnlyList<int> BatchRecords => _batchRecords;

    private bool GoesOn => _clock.Elapsed < _duration;

    /// <summary>Appends for some time, until all is acknowledged.</summary>
    /// <returns>The time from the first append to the last acknowledgement.</returns>
    public TimeSpan Run(TimeSpan duration)
    {
        _batchRecords.Clear();
        (_clock, _duration) = (Stopwatch.StartNew(), duration);
        for (var device = 0; device < _receipts.Length; device++)
            Append(device);
        for (var inHand = _receipts.Length; inHand > 0; )
        {
            var count = Take();
            var goesOn = GoesOn;
            foreach (var device in _taken.AsSpan(0, count))
            {
                if (goesOn)
                    Append(device);
                else
                    inHand--;
            }
        }
        return _clock.Elapsed;
    }

    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    private void Append(int device)
    {
        var appending = _journal.AppendAsync(
            new JournalEntry(_devices[device], 1_700_000_000_000, 1, 0, 1, ++_sequences[device]),
            _message,
            _receipts[device],
            CancellationToken.None
        );
        if (!appending.IsCompletedSuccessfully)
            throw new InvalidOperationException($"{_receipts.Length} messages are more than may wait for the disk.");
    }

    private int Take()
    {
        lock (_lock)
        {
            while (_readyCount == 0)
                Monitor.Wait(_lock);
            (_ready, _taken) = (_taken, _ready);
            var count = _readyCount;
            _readyCount = 0;
            return count;
        }
    }

    private void Told(int device)
    {
        _batchCount++;
        _told[_toldCount++] = device;
        if (_toldCount == Portion)
            HandOver();
    }

    /// <summary>On the journal's thread: all receipts of a sync are told.</summary>
    private void EndOfBatch()
    {
        _batchRecords.Add(_batchCount);
        _batchCount = 0;
        if (_receipts.Length > 1 || !GoesOn)
        {
            HandOver();
            return;
        }
        _toldCount = 0;
        Append(0);
    }

    private void HandOver()
    {
        lock (_lock)
        {
            _told.AsSpan(0, _toldCount).CopyTo(_ready.AsSpan(_readyCount));
            _readyCount += _toldCount;
            Monitor.Pulse(_lock);
        }
        _toldCount = 0;
    }
}
