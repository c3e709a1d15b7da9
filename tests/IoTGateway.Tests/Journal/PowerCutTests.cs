using IoTGateway.Journal;

namespace IoTGateway.Tests.Journal;

/// <summary>The power fails in the middle of everything, by seed: appends, new segments, deletions, commits of cursors.</summary>
public sealed class PowerCutTests
{
    /// <summary>IOTGW_POWER_CUT_SEEDS=200 for the long form.</summary>
    private static readonly int Seeds = int.TryParse(
        Environment.GetEnvironmentVariable("IOTGW_POWER_CUT_SEEDS"),
        out var given
    )
        ? given
        : 40;
    private const int CutsPerSeed = 5;
    private static readonly string[] Devices = ["pump", "roof", "well"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_the_moment_nothing_acknowledged_is_lost_and_no_cursor_is_ahead_of_what_was_read()
    {
        int acknowledged = 0,
            missing = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var run = new Run(seed);
            await using (run.Bed)
            {
                run.Bed.Open();
                for (var cut = 0; cut < CutsPerSeed; cut++)
                    missing += await run.CutAsync();
            }
            acknowledged += run.Acknowledged;
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Seeds * CutsPerSeed} power cuts, seeds 0 to {Seeds - 1}: {acknowledged} acknowledged, {missing} missing"
        );
        Assert.Equal(0, missing);
        Assert.True(acknowledged > 50 * Seeds, "too few messages to prove anything");
    }

    private sealed class Run(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly Lock _lock = new();
        private readonly Dictionary<string, uint> _acknowledged = Devices.ToDictionary(device => device, _ => 0u);
        private readonly HashSet<(string, uint)> _read = [];

        public JournalBed Bed { get; } = new JournalBed().WithSegments(2048);

        public int Acknowledged { get; private set; }

        /// <summary>Works for a while, cuts the power, starts again.</summary>
        /// <returns>How many acknowledged messages neither the sink has nor the journal.</returns>
        public async Task<int> CutAsync()
        {
            var cursor = Bed.Journal.OpenCursor("sink");
            await WorkAsync(cursor);
            Bed.Storage.CutPower(_random);
            cursor.Dispose();
            await Bed.ReopenAsync();
            Check();
            return Missing();
        }

        private async Task WorkAsync(JournalCursor cursor)
        {
            var next = Devices.ToDictionary(device => device, device => Bed.Journal.LastSequence(device, 1) + 1);
            var batch = new JournalBatch();
            var steps = _random.Next(5, 40);
            for (var step = 0; step < steps; step++)
            {
                var device = Devices[_random.Next(Devices.Length)];
                var receipt = await QueueAsync(device, next[device]++);
                if (_random.Next(3) == 0)
                    await receipt.WaitAsync(Cancel);
                if (_random.Next(4) == 0)
                    ReadSome(cursor, batch);
            }
        }

        private async Task<Task> QueueAsync(string device, uint sequence)
        {
            var durable = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await Bed.Journal.AppendAsync(
                JournalBed.Entry(device, 1, sequence),
                JournalBed.Body(sequence, _random.Next(40, 700)),
                (_, acknowledged) =>
                {
                    lock (_lock)
                        _acknowledged[device] = Math.Max(_acknowledged[device], acknowledged);
                    durable.TrySetResult();
                },
                Cancel
            );
            return durable.Task;
        }

        /// <summary>The sink's own database is synced before the commit, so what was read counts as stored.</summary>
        private void ReadSome(JournalCursor cursor, JournalBatch batch)
        {
            cursor.Read(batch, 1000);
            foreach (var record in batch.Records)
                _read.Add((record.Device, record.Sequence));
            cursor.Commit(batch.End);
        }

        private void Check()
        {
            foreach (var device in Devices)
                Assert.True(
                    Bed.Journal.LastSequence(device, 1) >= _acknowledged[device],
                    $"seed {seed}: {device} was told {_acknowledged[device]}, the journal knows {Bed.Journal.LastSequence(device, 1)}"
                );
            Assert.True(Bed.Journal.Cursors.All(cursor => cursor.Position <= Bed.Journal.DurableEnd), $"seed {seed}");
        }

        private int Missing()
        {
            var there = Bed.ReadAll().Select(record => (record.Device, record.Sequence)).ToHashSet();
            var missing = 0;
            Acknowledged = 0;
            foreach (var (device, last) in _acknowledged)
            {
                Acknowledged += (int)last;
                for (var sequence = 1u; sequence <= last; sequence++)
                    missing += there.Contains((device, sequence)) || _read.Contains((device, sequence)) ? 0 : 1;
            }
            return missing;
        }
    }
}
