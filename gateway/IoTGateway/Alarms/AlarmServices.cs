namespace IoTGateway.Alarms;

/// <summary>One line of Program.cs.</summary>
internal static class AlarmServices
{
    public static void AddAlarms(this WebApplicationBuilder builder)
    {
        builder.Bind<AlarmOptions>("Alarms", alarms => alarms.Errors());
        builder.Services.AddSingleton<AlarmStore>();
        builder.Services.AddSingleton<AlarmWatch>();
        builder.Services.AddHostedService(services => services.GetRequiredService<AlarmWatch>());
        builder.Services.AddHostedService<AlarmWebhook>();
        builder.Services.AddHostedService<AlarmTopics>();
    }
}
