using System.Text.Json;

namespace IoTGateway.Backup;

/// <summary>The last entry of a backup: what came before it. Without it a backup is not whole.</summary>
/// <param name="Format">Of the archive; <see cref="CurrentFormat"/>.</param>
/// <param name="Gateway">Version that wrote it.</param>
/// <param name="Created">When its last byte of data was taken.</param>
/// <param name="JournalEnd">Everything acknowledged before this place in the journal is in it.</param>
/// <param name="Files">Every file, in the order of the archive.</param>
internal sealed record BackupManifest(
    int Format,
    string Gateway,
    DateTimeOffset Created,
    long JournalEnd,
    IReadOnlyList<BackupEntry> Files
)
{
    public const int CurrentFormat = 1;
    public const string EntryName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string GatewayVersion => typeof(BackupManifest).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Null where it is none.</summary>
    public static BackupManifest? Read(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<BackupManifest>(bytes, Json) is { Files: not null } manifest
                ? manifest
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>A file of a backup.</summary>
/// <param name="Name">Below the data folder, with <c>/</c>.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Of its content, lower-case hex.</param>
internal sealed record BackupEntry(string Name, long Bytes, string Sha256);

/// <summary>A backup cannot be made, or is not one that can be restored; told in words for a person.</summary>
internal sealed class BackupException(string message) : Exception(message);
