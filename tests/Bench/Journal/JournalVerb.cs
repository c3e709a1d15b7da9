using System.CommandLine;

namespace IoTGateway.Bench.Journal;

/// <summary><c>journal</c>: append with its sync beside a loop that only writes and syncs the same bytes.</summary>
internal static class JournalVerb
{
    /// <summary>Of the raw loop's speed the journal shall reach this share.</summary>
    private const double Target = 0.9;

    public static Command Create()
    {
        var inHand = new Option<int[]>("--in-hand")
        {
            Description = "Messages that wait for their receipt at a time; one or more",
            DefaultValueFactory = _ => [1, 32, 1_024, 16_384],
            AllowMultipleArgumentsPerToken = true,
        };
        var rounds = Report.Number("--rounds", "Journal and raw loop in turn, so many times; the median counts", 5);
        var milliseconds = Report.Number("--milliseconds", "Length of a round of the journal", 2_000);
        var json = Report.JsonOption();
        var verb = new Command("journal", "Append with fsync, against a raw write and fdatasync of the same bytes")
        {
            inHand,
            rounds,
            milliseconds,
            json,
        };
        verb.SetAction(
            (result, _) =>
                RunAsync(
                    result.GetRequiredValue(inHand),
                    result.GetRequiredValue(rounds),
                    TimeSpan.FromMilliseconds(result.GetRequiredValue(milliseconds)),
                    result.GetValue(json)
                )
        );
        return verb;
    }

    private static async Task<int> RunAsync(int[] inHand, int rounds, TimeSpan round, FileInfo? json)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.Error.WriteLine("The raw loop calls fdatasync: run this on Linux.");
            return 2;
        }
        var report = Report.Begin(
            "journal",
            new
            {
                inHand,
                rounds,
                round,
            },
            $"{rounds} rounds of {round.TotalSeconds} s a line, journal and raw loop in turn; the raw loop writes the journal's very batches; Journal:Gather=0; files in {Path.GetTempPath()}"
        );
        var table = report.Table(
            "in hand",
            "messages/s",
            "messages a sync",
            "bytes a message",
            "MB/s",
            "raw loop MB/s",
            "of the raw loop",
            "target"
        );
        var costs = new List<JournalCost>();
        foreach (var messages in inHand)
        {
            var cost = await MeasureAsync(messages, rounds, round);
            costs.Add(cost);
            table.Row(
                $"{cost.InHand:N0}",
                $"{cost.MessagesPerSecond:N0}",
                $"{cost.MessagesPerSync:N1}",
                $"{cost.RecordBytes}",
                $"{cost.MegabytesPerSecond:F2}",
                $"{cost.RawMegabytesPerSecond:F2}",
                $"{cost.OfRaw:F2}",
                $"≥ {Target}"
            );
        }
        report.Add("costs", costs);
        await report.SaveAsync(json);
        return 0;
    }

    private static async Task<JournalCost> MeasureAsync(int inHand, int rounds, TimeSpan round)
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-bench-journal-").FullName;
        try
        {
            await using var load = new JournalLoad(Path.Combine(folder, "journal"), inHand);
            load.Run(round / 4); // the compiler's part
            var all = new List<JournalCost>();
            for (var i = 0; i < rounds; i++)
            {
                var took = load.Run(round);
                var batches = load.BatchRecords.Select(records => records * load.RecordBytes).ToArray();
                var raw = RawLoop.Run(Path.Combine(folder, "raw"), batches);
                all.Add(JournalCost.Of(inHand, load, took, raw));
            }
            return all.OrderBy(cost => cost.OfRaw).ElementAt(rounds / 2);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>One line of the table: the round whose share is the median.</summary>
    private sealed record JournalCost(
        int InHand,
        double MessagesPerSecond,
        double MessagesPerSync,
        int RecordBytes,
        double MegabytesPerSecond,
        double RawMegabytesPerSecond,
        double OfRaw
    )
    {
        public static JournalCost Of(int inHand, JournalLoad load, TimeSpan took, TimeSpan raw)
        {
            var messages = load.BatchRecords.Sum(records => (long)records);
            var megabytes = messages * load.RecordBytes / 1e6;
            return new JournalCost(
                inHand,
                messages / took.TotalSeconds,
                (double)messages / load.BatchRecords.Count,
                load.RecordBytes,
                megabytes / took.TotalSeconds,
                megabytes / raw.TotalSeconds,
                raw / took
            );
        }
    }
}
