using IoTGateway.Dashboard.Add;
using IoTGateway.Dashboard.Alarms;
using IoTGateway.Dashboard.Device;
using IoTGateway.Dashboard.Fleet;
using IoTGateway.Dashboard.Health;
using IoTGateway.Dashboard.Keys;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Dashboard.SignIn;
using IoTGateway.Security;

namespace IoTGateway.Dashboard;

/// <summary>Every page: who may see it is decided here and in <see cref="RoleAccess"/>, on the server.</summary>
internal static class DashboardEndpoints
{
    public static void MapDashboard(this WebApplication app)
    {
        app.MapPageFiles();
        app.MapSignIn();
        var pages = app.MapGroup("")
            .RequireAuthorization(RoleAccess.SessionScheme)
            .ShowProblems()
            .GuardForms()
            .ExcludeFromDescription();
        pages.MapFleet();
        pages.MapDevice();
        pages.MapAdd();
        pages.MapAlarmsPage();
        pages.MapHealthPage();
        pages.MapKeysPage();
    }
}
