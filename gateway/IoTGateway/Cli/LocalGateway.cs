using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Security;

namespace IoTGateway.Cli;

/// <summary>What a running gateway leaves in its data folder, so that verbs on the same machine find it.</summary>
internal static class LocalGateway
{
    private const string FileName = "gateway.json";
    private static readonly Uri Default = new("http://127.0.0.1:8080");

    public static void Write(WebApplication app) =>
        File.WriteAllText(
            Path.Combine(app.Services.DataFolder(), FileName),
            JsonSerializer.Serialize(new Note(Addresses.Of(app).Local))
        );

    /// <summary>Where the gateway of a data folder was last seen.</summary>
    public static Uri Find(string dataFolder)
    {
        try
        {
            var note = JsonSerializer.Deserialize<Note>(File.ReadAllText(Path.Combine(dataFolder, FileName)));
            return note?.Url ?? Default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return Default;
        }
    }

    /// <summary>A key of the local gateway, for whoever may write its data folder; null where there is no such folder.</summary>
    public static string? LendKey(string dataFolder)
    {
        if (!File.Exists(Path.Combine(dataFolder, "control.db")))
            return null;
        try
        {
            return new ApiKeys(new ControlDatabase(dataFolder), TimeProvider.System).Lend();
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed record Note(Uri Url);
}
