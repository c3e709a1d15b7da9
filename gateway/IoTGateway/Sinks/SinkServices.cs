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
        builder.Bind<HistoryOptions>("History", new HistoryOptionsValidator());
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
        if (!builder.Bind<InfluxOptions>("Influx", new InfluxOptionsValidator()).IsOn)
            return;
        builder.Services.AddSingleton(services => new RejectedRows(
            services.DataFolder(),
            services.GetRequiredService<TimeProvider>()
        ));
        builder.Services.AddSingleton<HttpMessageHandler>(_ => InfluxClient.CreateHandler());
        builder.AddSink<InfluxSink>();
    }

    private static TOptions Bind<TOptions>(
        this WebApplicationBuilder builder,
        string section,
        IValidateOptions<TOptions> validator
    )
        where TOptions : class, new() =>
        builder.Bind<TOptions>(section, options => validator.Validate(null, options).Failures ?? []);

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
