namespace IoTGateway.Api;

/// <summary>All that is HTTP.</summary>
internal static class ApiEndpoints
{
    private const string Hint = """
        This is an IoT Gateway.

        /v1/link           devices connect here (WebSocket, subprotocols iotgw.v1 and senml.json)
        /v1/doctor         what a handshake with your credentials would come to
        /api/devices       devices, their readings and commands (Authorization: Bearer <key>)
        /api/live          rows as they come (Server-Sent Events, or a WebSocket)
        /api/openapi.json  the API, described
        /healthz /readyz /metrics

        """;

    public static void MapApi(this WebApplication app)
    {
        app.UseProblems();
        var api = app.MapGroup("/api").RequireAuthorization();
        api.MapDevices();
        api.MapReadings();
        api.MapLogs();
        api.MapCommands();
        api.MapLive();
        app.MapOpenApi("/api/openapi.json");
        app.MapHealth();
        app.MapGet("/", () => TypedResults.Text(Hint)).ExcludeFromDescription();
    }
}
