using System.Net;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.SignIn;

/// <summary>In with a key or a ticket, out at any time.</summary>
internal static class SignInEndpoints
{
    /// <summary>Failed attempts of one address; beyond them nobody there gets in for a while, with the right key neither.</summary>
    private const int Burst = 10;
    private const double PerSecond = 1.0 / 6;

    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        var attempts = new TokenBuckets<IPAddress>(PerSecond, Burst);
        var open = routes.MapGroup("").AllowAnonymous().ShowProblems().GuardForms().ExcludeFromDescription();
        open.MapGet(
            SessionAuthentication.SignInPath,
            IResult (HttpContext http, string? next) => Show(http, next, null)
        );
        open.MapPost(
            SessionAuthentication.SignInPath,
            async (HttpContext http, ApiKeys keys, SignInTickets tickets, Sessions sessions) =>
            {
                var form = await http.Request.ReadFormAsync();
                return SignIn(
                    http,
                    new SignInForm(form["key"], form["ticket"], form["next"]),
                    attempts,
                    keys,
                    tickets,
                    sessions
                );
            }
        );
        // Its form's token is bound to who is signed in.
        routes
            .MapPost("/sign-out", SignOut)
            .RequireAuthorization(RoleAccess.SessionScheme)
            .Takes(Role.Viewer)
            .GuardForms()
            .ExcludeFromDescription();
    }

    private static IResult SignIn(
        HttpContext http,
        SignInForm form,
        TokenBuckets<IPAddress> attempts,
        ApiKeys keys,
        SignInTickets tickets,
        Sessions sessions
    )
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (!attempts.TryTake(address, http.RequestServices.GetRequiredService<TimeProvider>(), out var wait))
        {
            http.Response.Headers.RetryAfter = $"{(int)Math.Ceiling(wait.TotalSeconds)}";
            return Show(http, form.Next, "Too many attempts: wait a minute.", StatusCodes.Status429TooManyRequests);
        }
        var isTicket = !string.IsNullOrEmpty(form.Ticket);
        var name = isTicket ? tickets.Take(form.Ticket) : KeyName(keys.Find(form.Key?.Trim() ?? string.Empty));
        if (name is null)
            return Show(
                http,
                form.Next,
                isTicket
                    ? "This link has been used, or is older than ten minutes. 'iotgw dashboard' prints another."
                    : "The gateway does not know this key.",
                StatusCodes.Status401Unauthorized
            );
        // Whoever is let in has not guessed.
        attempts.GiveBack(address);
        http.Response.Cookies.Append(
            SessionAuthentication.CookieName(http.Request),
            sessions.Open(name),
            SessionAuthentication.Cookie(http.Request, Sessions.LifeTime)
        );
        return TypedResults.LocalRedirect(Within(form.Next));
    }

    /// <summary>A key that was lent ends soon; whoever has it has the data folder.</summary>
    private static string? KeyName(KeyHolder? holder) =>
        holder is { } known
            ? ApiKeys.IsLoan(known.Name)
                ? ApiKeys.AdminName
                : known.Name
            : null;

    private static RedirectHttpResult SignOut(HttpContext http, Sessions sessions)
    {
        var name = SessionAuthentication.CookieName(http.Request);
        if (http.Request.Cookies[name] is { Length: > 0 } secret)
            sessions.Close(secret);
        http.Response.Cookies.Delete(name, SessionAuthentication.Cookie(http.Request, TimeSpan.Zero));
        return TypedResults.LocalRedirect(SessionAuthentication.SignInPath);
    }

    private static RazorComponentResult<SignInPage> Show(
        HttpContext http,
        string? next,
        string? problem,
        int status = StatusCodes.Status200OK
    )
    {
        http.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<SignInPage>(
            new Dictionary<string, object?>
            {
                [nameof(SignInPage.Visit)] = Visit.Of(http),
                [nameof(SignInPage.Next)] = Within(next),
                [nameof(SignInPage.Problem)] = problem,
            }
        )
        {
            StatusCode = status,
        };
    }

    /// <summary>A path on this gateway; whatever else it was, the first page.</summary>
    private static string Within(string? next) =>
        next is ['/', not '/' and not '\\', ..]
        && !next.StartsWith(SessionAuthentication.SignInPath, StringComparison.Ordinal)
            ? next
            : "/";

    /// <summary>What the form sends: one of the two.</summary>
    internal sealed record SignInForm(string? Key, string? Ticket, string? Next);
}
