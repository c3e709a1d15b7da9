using IoTGateway.Backup;
using IoTGateway.Security;

namespace IoTGateway.Api;

/// <summary>All that is HTTP.</summary>
internal static class ApiEndpoints
{
    public static void MapApi(this WebApplication app)
    {
        app.UseProblems();
        var api = app.MapGroup("/api").RequireAuthorization(RoleAccess.KeyScheme);
        api.MapDevices();
        api.MapReadings();
        api.MapLogs();
        api.MapCommands();
        api.MapDeviceSettings();
        api.MapLive();
        api.MapAlarms();
        api.MapKeys();
        api.MapSinks();
        api.MapBackup();
        app.MapOpenApi("/api/openapi.json");
        app.MapHealth();
    }
}
