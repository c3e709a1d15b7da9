using System.Diagnostics;
using System.Text.Json;
using IoTGateway.Devices;
using IoTGateway.Security;

namespace IoTGateway.Cli;

/// <summary>What a running gateway leaves in its data folder, so that verbs on the same machine find it.</summary>
internal static class LocalGateway
{
    private const string FileName = "gateway.json";
    private static readonly Uri Default = new("http://127.0.0.1:8080");

    /// <summary>Where the demo keeps its data; one demo at a time for each user.</summary>
    public static string DemoFolder => Path.Combine(Path.GetTempPath(), $"iotgw-demo-{Environment.UserName}");

    /// <summary>Of the gateway that runs on this machine: the settings', else the user's, else the demo.</summary>
    public static string DataFolder =>
        Environment.GetEnvironmentVariable("Data__Path")
        ?? (!IsRunning(DataOptions.DefaultPath) && IsRunning(DemoFolder) ? DemoFolder : DataOptions.DefaultPath);

    public static void Write(WebApplication app) =>
        File.WriteAllText(
            Path.Combine(app.Services.DataFolder(), FileName),
            JsonSerializer.Serialize(new Note(Addresses.Of(app).Local, Environment.ProcessId, Addresses.Of(app).Https))
        );

    /// <summary>Where the gateway of a data folder listens, or did.</summary>
    public static Uri Find(string dataFolder) => Read(dataFolder)?.Url ?? Default;

    /// <summary>The same as devices see it: over TLS, unless that is off.</summary>
    public static Uri FindForDevices(string dataFolder) => Read(dataFolder)?.Https ?? Find(dataFolder);

    public static bool IsRunning(string dataFolder)
    {
        if (Read(dataFolder) is not { } note)
            return false;
        try
        {
            using var process = Process.GetProcessById(note.ProcessId);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
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
        catch (Exception e)
            when (e
                    is System.Data.Common.DbException
                        or IOException
                        or UnauthorizedAccessException
                        or InvalidOperationException
            )
        {
            return null;
        }
    }

    private static Note? Read(string dataFolder)
    {
        try
        {
            return JsonSerializer.Deserialize<Note>(File.ReadAllText(Path.Combine(dataFolder, FileName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private sealed record Note(Uri Url, int ProcessId, Uri? Https = null);
}
