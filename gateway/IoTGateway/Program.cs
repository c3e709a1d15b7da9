using IoTGateway.Alarms;
using IoTGateway.Api;
using IoTGateway.Cli;
using IoTGateway.Dashboard;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Links;
using IoTGateway.Observability;
using IoTGateway.Sinks;

namespace IoTGateway;

internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args);

    /// <summary>
    /// The gateway, whole. ARCHITECTURE.md draws it; a message goes through it like this:
    /// <code>
    /// device ──wss──▶ LinkEndpoint ▶ WebSocketLink ▶ DeviceSession ▶ Admission ▶ Journal.Append ──▶ ACK
    ///                                                                             │ cursors
    ///                                                  HistorySink   InfluxSink   MqttSink   LiveFeed
    /// dashboard, API, CLI, MQTT ──▶ Commands ──▶ DeviceSession ──▶ device ──▶ COMMAND_RESULT ──▶ Commands
    /// </code>
    /// </summary>
    /// <param name="settings">As on the command line: <c>--Section:Name=value</c>.</param>
    /// <param name="time">The machine's own where there is none.</param>
    /// <param name="more">Lines beside those below.</param>
    public static WebApplication BuildGateway(
        string[] settings,
        TimeProvider? time = null,
        Action<WebApplicationBuilder>? more = null
    )
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings });
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddSettings();
        builder.AddHost();
        builder.AddOtlpExport();
        builder.AddSecurity();
        builder.AddDevices();
        builder.AddLinks();
        builder.AddJournal();
        builder.AddHistorySink();
        builder.AddInfluxSink();
        builder.AddMqttSink();
        builder.AddLiveFeed();
        builder.AddCommands();
        builder.AddAlarms();
        builder.AddApi();
        builder.AddDashboard();
        more?.Invoke(builder);

        var app = builder.Build();
        app.UsePoolThreads().UseExceptionHandler();
        app.UseLinks();
        app.UsePageHeaders();
        app.UseStatusCodePages();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapLink();
        app.MapApi();
        app.MapDashboard();
        return app;
    }
}
