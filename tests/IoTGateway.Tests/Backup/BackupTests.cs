using System.Formats.Tar;
using System.Net;
using System.Text;
using IoTGateway.Backup;
using IoTGateway.Journal;
using IoTGateway.Tests.Gateway;

namespace IoTGateway.Tests.Backup;

/// <summary>What a backup holds, what is refused, and a swap that a crash interrupts.</summary>
public sealed class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_holds_what_lasts_and_nothing_of_the_run()
    {
        await using var gateway = await TestGateway.StartAsync();
        await SendAsync(gateway, "roof");
        await SaveAsync(gateway);
        var manifest = await BackupArchive.ReadAsync(await SaveAsync(gateway), null, Patience.Token());
        var names = manifest.Files.Select(file => file.Name).ToArray();
        Assert.Superset(
            new HashSet<string>
            {
                "control.db",
                "history.db",
                "ca.pem",
                "ca.key",
                "server.pem",
                "server.key",
                "journal/00000000000000000000.seg",
                "journal/cursors/history",
            },
            names.ToHashSet()
        );
        Assert.DoesNotContain("journal/cursors/backup", names);
        Assert.DoesNotContain(names, name => name.Contains("lock", StringComparison.Ordinal) || name.Contains("-wal"));
        Assert.False(Directory.Exists(Path.Combine(gateway.Folder, "backup.tmp")));
        Assert.DoesNotContain(gateway.Get<TelemetryJournal>().Cursors, cursor => cursor.Name == "backup");
    }

    [Fact]
    public async Task Without_a_key_there_is_none_and_not_two_at_a_time()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var stranger = new HttpClient { BaseAddress = gateway.Http };
        using var refused = await stranger.GetAsync("/api/backup");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await using var first = await FolderSnapshot.TakeAsync(
            gateway.Folder,
            gateway.Get<TelemetryJournal>(),
            Patience.Token()
        );
        using var second = await gateway.Client.GetAsync("/api/backup");
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Contains("being made already", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_it_is_taken_no_segment_of_the_journal_goes()
    {
        await using var gateway = await TestGateway.StartAsync("--Journal:SegmentBytes=1024", "--Journal:KeepBytes=0");
        var token = await gateway.AddDeviceAsync("roof");
        await using var link = await LinkClient.OpenAsync(gateway, token);
        var snapshot = await FolderSnapshot.TakeAsync(
            gateway.Folder,
            gateway.Get<TelemetryJournal>(),
            Patience.Token()
        );
        for (uint sequence = 1; sequence <= 40; sequence++)
        {
            await link.SendAsync(House.Telemetry(1, sequence, House.Noon + sequence, [.. Enumerable.Repeat(21.5, 60)]));
            await link.AcknowledgedAsync(1, sequence);
        }
        await Patience.UntilAsync(() => Lag(gateway) == 0, "the history has all");
        Assert.True(File.Exists(First(gateway)));
        await snapshot.DisposeAsync();
        await link.SendAsync(House.Telemetry(1, 41, House.Noon + 41, 21.5));
        await link.AcknowledgedAsync(1, 41);
        await Patience.UntilAsync(() => !File.Exists(First(gateway)), "the first segment goes once the backup is done");
    }

    [Fact]
    public async Task Cut_anywhere_or_changed_by_a_byte_it_is_refused_and_nothing_changes()
    {
        string whole;
        await using (var gateway = await TestGateway.StartAsync())
        {
            await SendAsync(gateway, "roof");
            whole = await SaveAsync(gateway);
        }
        var bytes = await File.ReadAllBytesAsync(whole);
        var target = Path.Combine(_folder, "data");
        Directory.CreateDirectory(target);
        await File.WriteAllTextAsync(Path.Combine(target, "here.txt"), "as before");
        foreach (var share in new[] { 0.0, 0.1, 0.5, 0.9 })
            await RefusedAsync(target, bytes[..(int)(bytes.Length * share)]);
        // Within the contents of a database, of a key, of the journal and of the manifest.
        foreach (var mark in new[] { "SQLite format 3", "PRIVATE KEY", "roof", "\"sha256\": \"" })
        {
            var changed = bytes.ToArray();
            changed[bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(mark)) + mark.Length] ^= 1;
            await RefusedAsync(target, changed);
        }
        Assert.Equal(["here.txt"], Directory.GetFileSystemEntries(target).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("/etc/outside")]
    [InlineData("a/../../outside")]
    public async Task A_name_that_leads_out_of_the_folder_is_refused(string name)
    {
        var path = Path.Combine(_folder, "evil.tar");
        await using (var file = File.Create(path))
        await using (var tar = new TarWriter(file))
        {
            using var data = new MemoryStream([1]);
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = data });
        }
        await Assert.ThrowsAsync<BackupException>(() =>
            StagedRestore.PutDownAsync(path, Path.Combine(_folder, "data"), Now, Patience.Token())
        );
        Assert.False(File.Exists(Path.Combine(_folder, "outside")));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    public void A_swap_that_a_crash_interrupted_is_finished_at_the_next_start(int moved, bool taken)
    {
        var data = Path.Combine(_folder, "data");
        var staged = Path.Combine(data, "restore-20260102T030405Z" + (taken ? ".taken" : ".whole"));
        var aside = Path.Combine(data, "before-restore-20260102T030405Z");
        foreach (var (folder, text) in new[] { (data, "old"), (staged, "new") })
        {
            Directory.CreateDirectory(Path.Combine(folder, "journal"));
            File.WriteAllText(Path.Combine(folder, "control.db"), text);
            File.WriteAllText(Path.Combine(folder, "journal", "0.seg"), text);
        }
        string[] entries = ["control.db", "journal"];
        Directory.CreateDirectory(aside);
        foreach (var entry in taken ? entries : entries[..moved])
            Directory.Move(Path.Combine(data, entry), Path.Combine(aside, entry));
        foreach (var entry in taken ? entries[..moved] : [])
            Directory.Move(Path.Combine(staged, entry), Path.Combine(data, entry));

        Assert.Equal(aside, StagedRestore.Take(data));
        Assert.Null(StagedRestore.Take(data));
        foreach (var (folder, text) in new[] { (data, "new"), (aside, "old") })
        {
            Assert.Equal(text, File.ReadAllText(Path.Combine(folder, "control.db")));
            Assert.Equal(text, File.ReadAllText(Path.Combine(folder, "journal", "0.seg")));
        }
        Assert.Equal(
            ["before-restore-20260102T030405Z", "control.db", "journal"],
            Directory.GetFileSystemEntries(data).Select(Path.GetFileName).Order()
        );
    }

    [Fact]
    public async Task A_file_put_down_in_part_is_never_taken()
    {
        var data = Path.Combine(_folder, "data");
        Directory.CreateDirectory(Path.Combine(data, "restore-20260102T030405Z"));
        await File.WriteAllTextAsync(Path.Combine(data, "control.db"), "old");
        Assert.Null(StagedRestore.Take(data));
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(data, "control.db")));
        Assert.Single(Directory.GetFileSystemEntries(data));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static string First(TestGateway gateway) =>
        Path.Combine(gateway.Folder, "journal", "00000000000000000000.seg");

    private static long Lag(TestGateway gateway) =>
        gateway.Get<TelemetryJournal>().Cursors.Where(cursor => cursor.Name != "backup").Sum(cursor => cursor.LagBytes);

    private static async Task SendAsync(TestGateway gateway, string device)
    {
        await using var link = await LinkClient.OpenAsync(gateway, await gateway.AddDeviceAsync(device));
        await link.SendAsync(House.Telemetry(1, 1, House.Noon, 20.5, 21.5));
        await link.AcknowledgedAsync(1, 1);
    }

    private async Task<string> SaveAsync(TestGateway gateway)
    {
        var path = Path.Combine(_folder, "backup.tar");
        await File.WriteAllBytesAsync(path, await gateway.Client.GetByteArrayAsync("/api/backup"));
        return path;
    }

    private async Task RefusedAsync(string target, byte[] bytes)
    {
        var path = Path.Combine(_folder, "spoilt.tar");
        await File.WriteAllBytesAsync(path, bytes);
        await Assert.ThrowsAsync<BackupException>(() =>
            StagedRestore.PutDownAsync(path, target, Now, Patience.Token())
        );
    }
}
