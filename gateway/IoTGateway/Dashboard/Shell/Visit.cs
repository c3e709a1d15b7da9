using IoTGateway.Security;
using Microsoft.AspNetCore.Antiforgery;

namespace IoTGateway.Dashboard.Shell;

/// <summary>Who looks at a page, and how.</summary>
/// <param name="User">Name of the key; empty before the sign-in.</param>
/// <param name="RoleName">viewer, operator or admin.</param>
/// <param name="CanOperate">May send commands, change settings and alarms.</param>
/// <param name="IsAdmin">May add and remove devices and keys.</param>
/// <param name="Theme">light, dark, or empty for the browser's choice.</param>
/// <param name="Zone">The viewer's time zone, for the axes of charts.</param>
/// <param name="FormToken">Goes with every form.</param>
public sealed record Visit(
    string User,
    string RoleName,
    bool CanOperate,
    bool IsAdmin,
    string Theme,
    TimeZoneInfo Zone,
    string FormToken
)
{
    /// <summary>Name of the form field that carries <see cref="FormToken"/>.</summary>
    public const string TokenField = "__token";

    /// <summary>Of a request; it may not have begun to answer.</summary>
    internal static Visit Of(HttpContext context)
    {
        var holder = context.User.Holder();
        var theme = context.Request.Cookies["theme"];
        return new Visit(
            holder?.Name ?? string.Empty,
            holder is { } known ? Words.Of(known.Role) : string.Empty,
            holder?.Role >= Role.Operator,
            holder?.Role >= Role.Admin,
            theme is "light" or "dark" ? theme : string.Empty,
            ZoneOf(context),
            context.RequestServices.GetRequiredService<IAntiforgery>().GetAndStoreTokens(context).RequestToken
                ?? string.Empty
        );
    }

    /// <summary>The time zone of whoever asks, as his browser said.</summary>
    internal static TimeZoneInfo ZoneOf(HttpContext context) =>
        context.Request.Cookies["tz"] is { Length: > 0 and < 64 } id
        && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
            ? zone
            : TimeZoneInfo.Utc;
}
