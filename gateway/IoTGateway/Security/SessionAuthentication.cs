using System.Text.Encodings.Web;
using IoTGateway.Dashboard.Shell;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace IoTGateway.Security;

/// <summary>
/// Knows who looks at the dashboard by a cookie. The API never hears of it: what a page of another site could make a
/// browser send opens nothing there.
/// </summary>
internal sealed class SessionAuthentication(
    Sessions sessions,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string SignInPath = "/sign-in";

    /// <summary>
    /// Over https the prefix makes browsers hold the cookie to this host, path and https. The port is in the name, since
    /// browsers send a cookie to every port of a host: two gateways on one machine do not sign each other out.
    /// </summary>
    public static string CookieName(HttpRequest request) =>
        $"{(request.IsHttps ? "__Host-" : "")}iotgw-{request.Host.Port ?? 443}";

    /// <summary>Never to be read by a script, never sent from another site.</summary>
    public static CookieOptions Cookie(HttpRequest request, TimeSpan lifeTime) =>
        new()
        {
            HttpOnly = true,
            Secure = KeepsSecure(request),
            SameSite = SameSiteMode.Strict,
            Path = "/",
            MaxAge = lifeTime,
            IsEssential = true,
        };

    /// <summary>
    /// Whether a Secure cookie comes back. Plain http is there on loopback alone, which Chromium (since 89) and Firefox
    /// (since 75) take for as good as https. Safari and programs do not, and could never sign in there: to whoever is not
    /// known to keep it, it goes without.
    /// </summary>
    public static bool KeepsSecure(HttpRequest request) =>
        request.IsHttps
        || request.Headers.UserAgent.Any(agent =>
            agent is not null
            && (
                agent.Contains("Chrome/", StringComparison.Ordinal)
                || agent.Contains("Firefox/", StringComparison.Ordinal)
            )
        );

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var secret = Request.Cookies[CookieName(Request)];
        if (string.IsNullOrEmpty(secret) || sessions.Find(secret) is not { } holder)
            return Task.FromResult(AuthenticateResult.NoResult());
        var ticket = new AuthenticationTicket(RoleAccess.Principal(holder, Scheme.Name), Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(ticket));
    }

    /// <summary>A page asks for a sign-in and comes back; a WebSocket is told in one word.</summary>
    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        if (Context.WebSockets.IsWebSocketRequest)
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }
        // What a form would have done is not done behind a sign-in: it leads to the first page.
        var next = HttpMethods.IsGet(Request.Method) ? Request.Path + Request.QueryString : "/";
        Response.Redirect($"{SignInPath}{QueryString.Create("next", next)}");
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Pages
            .Problem(
                Context,
                StatusCodes.Status403Forbidden,
                $"You are signed in as a {Context.User.FindFirst(System.Security.Claims.ClaimTypes.Role)?.Value}; this takes the role {Words.Of(RoleAccess.Needed(Context))}. Sign in with a key that has it."
            )
            .ExecuteAsync(Context);
}
