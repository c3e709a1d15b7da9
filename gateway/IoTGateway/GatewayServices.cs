using System.Net;
using IoTGateway.Api;
using IoTGateway.Backup;
using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Links;
using IoTGateway.Links.Requests;
using IoTGateway.Live;
using IoTGateway.Security;
using IoTGateway.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace IoTGateway;

/// <summary>What each line of Program.cs brings in.</summary>
internal static class GatewayServices
{
    /// <summary>How long a stop may take: links drain, the journal is flushed.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Connections that wait to be accepted; Linux takes at most net.core.somaxconn, 4,096 unless changed.</summary>
    private const int AcceptBacklog = 4_096;

    private const int ReadBuffer = 32 * 1024;

    public static void AddSettings(this WebApplicationBuilder builder)
    {
        var data = builder.Bind<DataOptions>("Data", data => data.Errors());
        builder.Bind<ListenOptions>("Listen", listen => listen.Errors());
        builder.Bind<TlsOptions>("Tls", tls => tls.Errors());
        builder.Bind<SecurityOptions>("Security", security => security.Errors());
        builder.Bind<LimitsOptions>("Limits", limits => limits.Errors());
        builder.Bind<DiagnosticsOptions>("Diagnostics", _ => []);
        PrivateFile.CreateFolder(data.Path);
        if (!StagedRestore.IsInUse(data.Path) && StagedRestore.Take(data.Path) is { } before)
            Console.Error.WriteLine(
                $"A backup is restored. What was there before is in {before}: remove it when all is well."
            );
        builder.Services.AddSingleton<GatewayMetrics>();
    }

    public static void AddHost(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        // One line for a person, unless Logging:Console:FormatterName says json or systemd.
        builder.Logging.ClearProviders().AddConsole();
        builder.Services.Configure<SimpleConsoleFormatterOptions>(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Error);
        // Each link would keep what its one request is called in the log, for as long as it lasts; no line here says it.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<LoggerFilterOptions>(filter => filter.CaptureScopes = false);
        builder.Logging.AddFilter(typeof(ApiKeyAuthentication).FullName, LogLevel.Warning);
        builder.Logging.AddFilter(typeof(SessionAuthentication).FullName, LogLevel.Warning);
        // Standard output is for what a person or a program asked for.
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace
        );
        PoolThreads.ServeSocketsInline();
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketTransport>();
        builder.Services.Configure<SocketTransportOptions>(sockets =>
        {
            // A fleet knocks at once after a restart. Where the queue of new connections is full the system drops a knock, and
            // the device tries again after 1, 3, 7, 15 s: measured with 2,000 devices and the default of 512.
            sockets.Backlog = AcceptBacklog;
            // The rest is for the platform's own sockets, where those serve (Listen:Epoll). What has come is dealt with on the
            // thread that learnt of it, instead of one each for the socket, the pipe and the request. What is unsafe about it is
            // in PoolThreads.
            sockets.UnsafePreferInlineScheduling = true;
            // Beyond it, what a link sends stays with its device while the journal has no room. A message has 16 KiB at most.
            sockets.MaxReadBufferSize = ReadBuffer;
        });
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var listen = kestrel.ApplicationServices.GetRequiredService<IOptions<ListenOptions>>().Value;
            var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
            var limit = kestrel.ApplicationServices.GetRequiredService<ConnectionLimit>();
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(limit.Before));
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            if (listen.Http != 0)
                kestrel.Listen(IPAddress.Loopback, Math.Max(0, listen.Http));
            if (listen.Https == 0)
                return;
            var port = Math.Max(0, listen.Https);
            if (listen.IsAnyAddress)
                kestrel.ListenAnyIP(port, https => https.UseHttps(Tls(certificate)));
            else
                kestrel.Listen(IPAddress.Parse(listen.Address), port, https => https.UseHttps(Tls(certificate)));
        });
    }

    public static void AddSecurity(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ServerCertificate>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ServerCertificate>());
        builder.Services.AddSingleton<ApiKeys>();
        builder.Services.AddSingleton<Sessions>();
        builder.Services.AddSingleton<SignInTickets>();
        builder.Services.AddRoles();
        // The core alone: the rest would bring keys for tickets in cookies, which nobody here has.
        builder.Services.AddWebEncoders();
        builder.Services.AddAuthenticationCore(authentication =>
        {
            authentication.AddScheme<ApiKeyAuthentication>(RoleAccess.KeyScheme, null);
            authentication.AddScheme<SessionAuthentication>(RoleAccess.SessionScheme, null);
        });
        builder.Services.AddSingleton<AttemptLimiter>();
    }

    public static void AddDevices(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new ControlDatabase(services.DataFolder()));
        builder.Services.AddSingleton<MissedRegistry>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MissedRegistry>());
        builder.Services.AddSingleton<CatalogStore>();
        builder.Services.AddSingleton<DeviceRegistry>();
        builder.Services.AddHostedService<SightingWriter>();
        builder.Services.AddSingleton<DeviceStatuses>();
        builder.Services.AddSingleton<SettingsStore>();
        builder.Services.AddSingleton<SettingsDelivery>();
    }

    public static void AddLinks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReturnSpread>();
        builder.Services.AddSingleton<LinkTable>();
        builder.Services.AddHostedService<LinkPulse>();
        builder.Services.AddSingleton<ConnectionLimit>();
        builder.Services.AddSingleton<WallClock>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WallClock>());
        builder.Services.AddSingleton<LinkServices>();
        builder.Services.AddSingleton<SenderCheck>();
        builder.Services.AddSingleton<Handshake>();
        builder.Services.AddSingleton<RequestCheck>();
        builder.Services.AddSingleton<PolledLinks>();
        builder.Services.AddSingleton<MessagesEndpoint>();
        builder.Services.AddHostedService<LinkDrain>();
    }

    public static void AddJournal(this WebApplicationBuilder builder)
    {
        var options = builder.Bind<JournalOptions>("Journal", journal => journal.Errors());
        builder.Services.AddSingleton(services =>
        {
            options.Path = Path.Combine(services.DataFolder(), "journal");
            return TelemetryJournal.Open(
                options,
                services.GetRequiredService<TimeProvider>(),
                services.GetRequiredService<ILogger<TelemetryJournal>>()
            );
        });
        builder.Services.AddHostedService<JournalMetrics>();
    }

    public static void AddLiveFeed(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
    }

    public static void AddCommands(this WebApplicationBuilder builder)
    {
        builder.Bind<CommandOptions>("Commands", commands => commands.Errors());
        builder.Services.AddSingleton<CrashPoints>();
        builder.Services.AddSingleton<CommandDispatcher>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CommandDispatcher>());
    }

    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeviceReporter>();
        builder.Services.AddSingleton<PrometheusText>();
        builder.Services.AddProblemDetails();
        builder.Services.AddExceptionHandler<HistoryTrouble>();
        builder.Services.AddOpenApi(openApi =>
            openApi.AddDocumentTransformer(
                (document, _, _) =>
                {
                    document.Info.Title = "IoT Gateway";
                    return Task.CompletedTask;
                }
            )
        );
    }

    /// <summary>Where everything that lasts is kept.</summary>
    public static string DataFolder(this IServiceProvider services) => services.GetRequiredService<DataOptions>().Path;

    /// <summary>TLS 1.2 for the boards, 1.3 for the rest; the certificate is asked for at each handshake, so that it can change.</summary>
    private static TlsHandshakeCallbackOptions Tls(ServerCertificate certificate) =>
        new()
        {
            OnConnection = _ =>
                ValueTask.FromResult(
                    new System.Net.Security.SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate.Context,
                        EnabledSslProtocols =
                            System.Security.Authentication.SslProtocols.Tls12
                            | System.Security.Authentication.SslProtocols.Tls13,
                        ApplicationProtocols =
                        [
                            System.Net.Security.SslApplicationProtocol.Http2,
                            System.Net.Security.SslApplicationProtocol.Http11,
                        ],
                    }
                ),
        };
}
