using System.CommandLine;
using IoTGateway.Backup;

namespace IoTGateway.Cli;

/// <summary><c>iotgw backup FILE</c> and <c>iotgw restore FILE</c>: all that lasts, taken while the gateway runs.</summary>
internal static class BackupVerbs
{
    private static readonly Argument<FileInfo> Target = new("file") { Description = "Where to write the backup" };
    private static readonly Argument<FileInfo> Source = new("file") { Description = "A backup" };

    public static Command CreateBackup() =>
        new Command("backup", "Write all that lasts to a file, while the gateway runs") { Target }.Calling(BackupAsync);

    public static Command CreateRestore()
    {
        var verb = new Command(
            "restore",
            "Put a backup in the place of a data folder; a running gateway takes it at its next start"
        )
        {
            Source,
            GatewayOptions.Data,
        };
        verb.SetAction(RestoreAsync);
        return verb;
    }

    private static async Task<int> BackupAsync(ParseResult result, GatewayClient client, CancellationToken ending)
    {
        var path = result.GetRequiredValue(Target).FullName;
        var partial = path + ".partial";
        try
        {
            await using (var body = await client.OpenAsync("/api/backup", ending))
            await using (var file = CreatePrivate(partial))
            {
                await body.CopyToAsync(file, ending);
                file.Flush(flushToDisk: true);
            }
            // Read back: what cannot be restored is no backup.
            var manifest = await BackupArchive.ReadAsync(partial, folder: null, ending);
            File.Move(partial, path, overwrite: true);
            Console.WriteLine(
                result.GetValue(GatewayOptions.Json)
                    ? System.Text.Json.JsonSerializer.Serialize(manifest, System.Text.Json.JsonSerializerOptions.Web)
                    : $"{path}: {manifest.Files.Count} files, {new FileInfo(path).Length} bytes, checked. It holds the gateway's keys: keep it as you keep those."
            );
            return 0;
        }
        catch (Exception e) when (e is IOException or HttpRequestException or UnauthorizedAccessException)
        {
            throw new GatewayException($"The backup was not written to {path}: {e.Message}");
        }
        catch (BackupException e)
        {
            throw new GatewayException(e.Message);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static async Task<int> RestoreAsync(ParseResult result, CancellationToken ending)
    {
        var backup = result.GetRequiredValue(Source);
        var data = result.GetValue(GatewayOptions.Data)!; // has a default
        try
        {
            if (!backup.Exists)
                throw new BackupException($"There is no file {backup.FullName}.");
            var manifest = await StagedRestore.PutDownAsync(
                backup.FullName,
                data,
                TimeProvider.System.GetUtcNow(),
                ending
            );
            Console.WriteLine($"{backup.FullName} is whole: {manifest.Files.Count} files of {manifest.Created:u}.");
            if (StagedRestore.IsInUse(data))
            {
                Console.WriteLine(
                    $"A gateway runs on {data}: it takes the backup at its next start ('systemctl restart iotgw')."
                );
                return 0;
            }
            Console.WriteLine($"{data} is restored; what was there before is in {StagedRestore.Take(data)}.");
            return 0;
        }
        catch (Exception e) when (e is BackupException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return CommandLine.Failed;
        }
    }

    private static FileStream CreatePrivate(string path)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }
}
