using IoTGateway.Journal;
using IoTGateway.Sinks;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace IoTGateway.Tests.Sinks;

/// <summary>Refused rows: kept within bounds, offered again the way all rows go, and never lost on the way.</summary>
public sealed class RejectedRowsTests : IAsyncLifetime
{
    private readonly InfluxStandIn _influx = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RejectedRows Rejected => _influx.Rig.Rejected;

    public async ValueTask InitializeAsync() => await _influx.StartAsync();

    public async ValueTask DisposeAsync() => await _influx.DisposeAsync();

    [Fact]
    public async Task A_row_offered_again_goes_as_it_went_first_and_leaves_when_the_database_has_it()
    {
        await RejectAsync(rows: 7);
        var first = Rejected.Page("influx", null, 0, 100).Select(entry => entry.Row.Row).ToArray();
        _influx.Requests.Clear();
        _influx.Answers = (context, _) => InfluxStandIn.Answer(context, 204);
        using var retry = new RejectedRetry(Rejected);
        Assert.Equal(new RetryReport(7, 0, null), await retry.RunAsync(_influx.Sink, null, Cancel));
        Assert.Equal(first, Assert.Single(_influx.Requests));
        Assert.Equal(0, Rejected.Count("influx"));
    }

    [Fact]
    public async Task What_is_refused_again_stays_with_the_new_reason_and_the_rest_leaves()
    {
        await RejectAsync(rows: 30);
        var poison = Rejected.Page("influx", null, 0, 100)[11].Row.Row;
        _influx.Answers = (context, lines) =>
            lines.Contains(poison)
                ? InfluxStandIn.Answer(context, 400, """{"code":"invalid","message":"still wrong"}""")
                : InfluxStandIn.Answer(context, 204);
        using var retry = new RejectedRetry(Rejected);
        Assert.Equal(new RetryReport(29, 1, null), await retry.RunAsync(_influx.Sink, null, Cancel));
        var left = Assert.Single(Rejected.Newest("influx", 100)).Row;
        Assert.Equal(poison, left.Row);
        Assert.Contains("still wrong", left.Reason);
    }

    [Fact]
    public async Task While_the_database_is_away_every_row_stays_and_the_answer_says_why()
    {
        await RejectAsync(rows: 3);
        _influx.Answers = (context, _) =>
            InfluxStandIn.Answer(context, 401, """{"code":"unauthorized","message":"no"}""");
        using var retry = new RejectedRetry(Rejected);
        var report = await retry.RunAsync(_influx.Sink, null, Cancel);
        Assert.Contains("Influx:Token", report.Problem);
        Assert.Equal(3, Rejected.Count("influx"));
    }

    [Fact]
    public async Task A_crash_between_the_databases_receipt_and_our_note_of_it_doubles_and_loses_nothing()
    {
        await RejectAsync(rows: 5);
        var stored = new HashSet<string>();
        _influx.Answers = (context, lines) =>
        {
            stored.UnionWith(lines);
            return InfluxStandIn.Answer(context, 204);
        };
        var rows = Rejected.Page("influx", null, 0, 100);
        // The database has them; the process dies before it removes them.
        Assert.Equal(5, (await _influx.Sink.RetryAsync(rows, Cancel)).Stored.Count);
        Assert.Equal(5, Rejected.Count("influx"));
        var reopened = new RejectedRows(_influx.Rig.Folder, TimeProvider.System, NullLogger.Instance);
        using var retry = new RejectedRetry(reopened);
        Assert.Equal(new RetryReport(5, 0, null), await retry.RunAsync(_influx.Sink, null, Cancel));
        Assert.Equal(5, stored.Count);
        Assert.Equal(0, reopened.Count("influx"));
    }

    [Fact]
    public async Task A_very_long_row_is_kept_whole()
    {
        var row = "m,device=d x=" + new string('1', 9_000) + " 1";
        Rejected.Add("influx", [new RejectedRow("d", 1, row, new string('r', 9_000))]);
        var kept = Assert.Single(Rejected.Newest("influx", 1)).Row;
        Assert.Equal(row, kept.Row);
        Assert.InRange(kept.Reason.Length, 1, 4096);
        await Task.CompletedTask;
    }

    [Fact]
    public void What_goes_to_make_room_is_counted_and_the_file_stays_bounded()
    {
        var rows = Enumerable
            .Range(0, RejectedRows.PerSink + 25)
            .Select(i => new RejectedRow("d", i, $"row {i}", "why"))
            .ToList();
        Rejected.Add("influx", rows);
        Assert.Equal(25, Rejected.Dropped("influx"));
        Assert.Equal(RejectedRows.PerSink, Rejected.Count("influx"));
        Assert.Equal(0, Rejected.Dropped("mqtt"));
    }

    [Theory]
    [InlineData("this was never a database, and it is long enough to be one")]
    [InlineData(
        "SQLite format 3\0 and then nothing that makes sense at all ............................................."
    )]
    public void A_damaged_file_is_put_aside_and_said_and_a_new_one_begun(string content)
    {
        var folder = Directory.CreateTempSubdirectory("iotgw-rejected-").FullName;
        File.WriteAllText(Path.Combine(folder, "rejected.db"), content);
        var log = new CapturedLog();
        var rejected = new RejectedRows(folder, TimeProvider.System, log);
        rejected.Add("influx", [new RejectedRow("d", 1, "row", "why")]);
        Assert.Equal(1, rejected.Count("influx"));
        var aside = Assert.Single(Directory.GetFiles(folder, "rejected.damaged-*.db"));
        Assert.Equal(content, File.ReadAllText(aside));
        Assert.Contains(log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(aside));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }

    private async Task RejectAsync(int rows)
    {
        _influx.Answers = (context, lines) =>
            InfluxStandIn.Answer(context, 400, $$"""{"error":"partial write: conflict dropped={{lines.Length}}"}""");
        Assert.True((await _influx.WriteAsync(rows)).Accepted);
        Assert.Equal(rows, Rejected.Count("influx"));
    }
}
