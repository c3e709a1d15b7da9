using IoTGateway.Dashboard.Alarms;
using IoTGateway.Dashboard.Device;
using IoTGateway.Dashboard.Fleet;
using IoTGateway.Dashboard.Health;
using IoTGateway.Dashboard.Live;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Security;
using Microsoft.AspNetCore.DataProtection;

namespace IoTGateway.Dashboard;

/// <summary>What the dashboard needs of the platform: components rendered on the server, and tokens in forms.</summary>
internal static class DashboardServices
{
    public static void AddDashboard(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents();
        builder.Services.AddSingleton<LiveViews>();
        builder.Services.AddSingleton<DeviceReader>();
        builder.Services.AddSingleton<HealthReader>();
        builder.Services.AddSingleton<AlarmReader>();
        builder.Services.AddSingleton<FleetTable>();
        builder.Services.AddHostedService(services => services.GetRequiredService<FleetTable>());
        // Tokens in forms live as long as the process: after a restart a page is loaded again. No key lies on disk.
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.None);
        builder.Services.AddAntiforgery(antiforgery =>
        {
            antiforgery.FormFieldName = Visit.TokenField;
            antiforgery.HeaderName = "X-Form-Token";
            antiforgery.Cookie = new FormCookie
            {
                Name = "iotgw-form",
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                IsEssential = true,
            };
        });
    }

    /// <summary>Secure where the session's cookie is.</summary>
    private sealed class FormCookie : CookieBuilder
    {
        public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
        {
            var options = base.Build(context, expiresFrom);
            options.Secure = SessionAuthentication.KeepsSecure(context.Request);
            return options;
        }
    }
}
