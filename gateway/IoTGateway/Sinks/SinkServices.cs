using IoTGateway.Devices;
using IoTGateway.Sinks.History;
using IoTGateway.Sinks.Influx;
using IoTGateway.Sinks.Mqtt;
using IoTGateway.Sinks.Mqtt.HomeAssistant;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IoTGateway.Sinks;

/// <summary>One line of Program.cs per sink.</summary>
internal static class SinkServices
{
    public static void AddHistorySink(this WebApplicationBuilder builder)
    {
        builder.Bind<HistoryOptions>("History", history => history.Errors());
        builder.Services.AddSingleton(services => new HistoryDatabase(
            services.DataFolder(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<HistoryDatabase>>()
        ));
        builder.Services.AddSingleton(services => new HistoryDamage(
            services.GetRequiredService<ILogger<HistoryDamage>>()
        ));
        builder.Services.AddSingleton<HistoryQuery>();
        builder.AddSink<HistorySink>();
    }

    /// <summary>Off without <c>Influx:Url</c>.</summary>
    public static void AddInfluxSink(this WebApplicationBuilder builder)
    {
        if (!builder.Bind<InfluxOptions>("Influx", influx => influx.Errors()).IsOn)
            return;
        builder.Services.AddSingleton<HttpMessageHandler>(_ => InfluxClient.CreateHandler());
        builder.AddSink<InfluxSink>();
    }

    /// <summary>Off without <c>Mqtt:Url</c>. One connection for telemetry, presence, commands, results and discovery.</summary>
    public static void AddMqttSink(this WebApplicationBuilder builder)
    {
        if (!builder.Bind<MqttSinkOptions>("Mqtt", mqtt => mqtt.Errors()).IsOn)
            return;
        builder.Services.AddSingleton<MqttConnection>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MqttConnection>());
        builder.Services.AddHostedService<MqttPresence>();
        builder.Services.AddHostedService<HomeAssistantDiscovery>();
        builder.Services.AddSingleton<MqttResults>();
        builder.Services.AddHostedService(services => services.GetRequiredService<MqttResults>());
        builder.Services.AddHostedService<MqttCommands>();
        builder.AddSink<MqttSink>();
    }

    /// <summary>A sink, and the loop that brings it what the journal has.</summary>
    public static void AddSink<TSink>(this WebApplicationBuilder builder)
        where TSink : class, ISink
    {
        builder.Services.AddSingleton<ISink, TSink>();
        builder.Services.TryAddSingleton(services => new RejectedRows(
            services.DataFolder(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILogger<RejectedRows>>()
        ));
        builder.Services.TryAddSingleton<RejectedRetry>();
        builder.Services.TryAddSingleton<SinkHost>();
        builder.Services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IHostedService, SinkHost>(services => services.GetRequiredService<SinkHost>())
        );
    }
}
