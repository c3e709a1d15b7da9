using System.Net;
using IoTGateway.Api;
using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Links;
using IoTGateway.Live;
using IoTGateway.Security;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace IoTGateway;

/// <summary>What each line of Program.cs brings in.</summary>
internal static class GatewayServices
{
    /// <summary>How long a stop may take: links drain, the journal is flushed.</summary>
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(4);

    public static void AddSettings(this WebApplicationBuilder builder)
    {
        var data = builder.Bind<DataOptions>("Data", data => data.Errors());
        builder.Bind<ListenOptions>("Listen", listen => listen.Errors());
        builder.Bind<TlsOptions>("Tls", tls => tls.Errors());
        builder.Bind<SecurityOptions>("Security", security => security.Errors());
        builder.Bind<LimitsOptions>("Limits", limits => limits.Errors());
        builder.Bind<DiagnosticsOptions>("Diagnostics", _ => []);
        PrivateFile.CreateFolder(data.Path);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<GatewayMetrics>();
    }

    public static void AddHost(this WebApplicationBuilder builder)
    {
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Hosting", LogLevel.Error);
        builder.Logging.AddFilter(typeof(ApiKeyAuthentication).FullName, LogLevel.Warning);
        // Standard output is for what a person or a program asked for.
        builder.Services.Configure<ConsoleLoggerOptions>(console =>
            console.LogToStandardErrorThreshold = LogLevel.Trace
        );
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var listen = kestrel.ApplicationServices.GetRequiredService<IOptions<ListenOptions>>().Value;
            var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
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
        builder.Services.AddSingleton<AttemptLimiter>();
    }

    public static void AddDevices(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services => new ControlDatabase(services.DataFolder()));
        builder.Services.AddSingleton<CatalogStore>();
        builder.Services.AddSingleton<DeviceRegistry>();
        builder.Services.AddSingleton<DeviceStatuses>();
    }

    public static void AddLinks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LinkTable>();
        builder.Services.AddSingleton<LinkServices>();
        builder.Services.AddSingleton<Handshake>();
        builder.Services.AddHostedService<LinkDrain>();
    }

    public static void AddJournal(this WebApplicationBuilder builder)
    {
        var options = builder.Bind<JournalOptions>("Journal", _ => []);
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

    public static void AddCommands(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton<CommandDispatcher>();

    public static void AddApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeviceReporter>();
        builder.Services.AddSingleton<PrometheusText>();
        builder.Services.AddProblemDetails();
        builder.Services.AddOpenApi(openApi =>
            openApi.AddDocumentTransformer(
                (document, _, _) =>
                {
                    document.Info.Title = "IoT Gateway";
                    return Task.CompletedTask;
                }
            )
        );
        builder.Services.AddAuthorization();
        // The core alone: the rest would bring keys for cookies, which nobody here has.
        builder.Services.AddWebEncoders();
        builder.Services.AddAuthenticationCore(authentication =>
        {
            authentication.DefaultScheme = ApiKeyAuthentication.SchemeName;
            authentication.AddScheme<ApiKeyAuthentication>(ApiKeyAuthentication.SchemeName, null);
        });
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
