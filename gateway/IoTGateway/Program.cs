using IoTGateway.Api;
using IoTGateway.Cli;
using IoTGateway.Links;
using IoTGateway.Sinks;

namespace IoTGateway;

internal static class Program
{
    public static Task<int> Main(string[] args) => CommandLine.RunAsync(args);

    /// <summary>
    /// The gateway, whole. ARCHITECTURE.md draws it; a message goes through it like this:
    /// <code>
    /// device ──wss──▶ LinkEndpoint ▶ DeviceSession ▶ FrameReader ▶ Admission ▶ Journal.Append ──▶ ACK
    ///                                                                             │ cursors
    ///                                                  HistorySink   InfluxSink   LiveFeed
    /// API, CLI ──▶ Commands ──▶ DeviceSession ──▶ device ──▶ COMMAND_RESULT ──▶ Commands
    /// </code>
    /// </summary>
    /// <param name="settings">As on the command line: <c>--Section:Name=value</c>.</param>
    public static WebApplication BuildGateway(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = settings });
        builder.AddSettings();
        builder.AddHost();
        builder.AddSecurity();
        builder.AddDevices();
        builder.AddLinks();
        builder.AddJournal();
        builder.AddHistorySink();
        builder.AddInfluxSink();
        builder.AddLiveFeed();
        builder.AddCommands();
        builder.AddApi();

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseWebSockets();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapLink();
        app.MapApi();
        return app;
    }
}
