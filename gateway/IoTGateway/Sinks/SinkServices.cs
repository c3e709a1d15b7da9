using IoTGateway.Devices;
using IoTGateway.Sinks.History;
using IoTGateway.Sinks.Influx;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace IoTGateway.Sinks;

/// <summary>One line of Program.cs per sink.</summary>
internal static class SinkServices
{
    public static void AddHistorySink(this WebApplicationBuilder builder)
    {
        builder.Bind<HistoryOptions>("History");
        builder.Services.AddSingleton<IValidateOptions<HistoryOptions>, HistoryOptionsValidator>();
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<HistoryOptions>>().Value);
        builder.Services.AddSingleton(services => new HistoryDatabase(services.DataFolder()));
        builder.Services.AddSingleton(services => new HistoryDamage(
            services.GetRequiredService<ILogger<HistoryDamage>>()
        ));
        builder.Services.AddSingleton<HistoryQuery>();
        builder.AddSink<HistorySink>();
    }

    /// <summary>Off without <c>Influx:Url</c>.</summary>
    public static void AddInfluxSink(this WebApplicationBuilder builder)
    {
        builder.Bind<InfluxOptions>("Influx");
        builder.Services.AddSingleton<IValidateOptions<InfluxOptions>, InfluxOptionsValidator>();
        if (string.IsNullOrWhiteSpace(builder.Configuration["Influx:Url"]))
            return;
        builder.Services.AddSingleton(services => services.GetRequiredService<IOptions<InfluxOptions>>().Value);
        builder.Services.AddSingleton(services => new RejectedRows(
            services.DataFolder(),
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton<HttpMessageHandler>(_ => InfluxClient.CreateHandler());
        builder.AddSink<InfluxSink>();
    }

    private static void AddSink<TSink>(this WebApplicationBuilder builder)
        where TSink : class, ISink
    {
        builder.Services.AddSingleton<ISink, TSink>();
        builder.Services.TryAddSingleton<SinkHost>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, SinkHost>(services => services.GetRequiredService<SinkHost>())
        );
    }
}
