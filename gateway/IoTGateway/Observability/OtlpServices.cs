namespace IoTGateway.Observability;

/// <summary>The line of Program.cs that brings the export in.</summary>
internal static class OtlpServices
{
    /// <summary>Off without <c>Otlp:Endpoint</c>, and then none of it is made.</summary>
    public static void AddOtlpExport(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        configuration["Otlp:Endpoint"] ??= configuration["OTEL_EXPORTER_OTLP_ENDPOINT"];
        configuration["Otlp:Headers"] ??= configuration["OTEL_EXPORTER_OTLP_HEADERS"];
        if (builder.Bind<OtlpOptions>("Otlp", otlp => otlp.Errors()).IsOn)
            builder.Services.AddHostedService<OtlpExport>();
    }
}
