using IoTGateway.Api;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Shell;

/// <summary>Answers with a page.</summary>
internal static class Pages
{
    /// <summary>Whether the page's script asks, which shows a part of a page; a form without it wants a whole one.</summary>
    public static bool IsPart(HttpContext http) => http.Request.Headers.ContainsKey("X-Part");

    /// <summary>A refusal: a page for a person, and what the API says for the page's script and for programs.</summary>
    public static IResult Problem(HttpContext http, int status, string? detail)
    {
        if (!WantsPage(http))
            return TypedResults.Problem(detail, statusCode: status);
        return new RazorComponentResult<ProblemPage>(
            Parameters(
                http,
                (nameof(ProblemPage.Status), status),
                (nameof(ProblemPage.Detail), detail ?? "The address leads nowhere: it may have been mistyped.")
            )
        )
        {
            StatusCode = status,
        };
    }

    /// <summary>Has every refusal of these endpoints shown as a page to whoever wants pages.</summary>
    public static TBuilder ShowProblems<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(
            async (call, next) =>
                await next(call) is var result
                && result is ProblemHttpResult { ProblemDetails.Detail: var detail } problem
                    ? Problem(call.HttpContext, problem.StatusCode, detail)
                    : result
        );

    /// <summary>Whether a person asks, with a browser.</summary>
    public static bool WantsPage(HttpContext http) =>
        !IsPart(http) && http.Request.Headers.Accept.Any(accept => accept?.Contains("text/html") == true);

    public static ProblemHttpResult UnknownDevice(string id) =>
        Problems.NotFound($"There is no device '{id}'. It may have been removed; the list has all there are.");

    /// <summary>A sentence in a box, for the page's script.</summary>
    /// <param name="text">What there is to say.</param>
    /// <param name="mood">good, warn or bad.</param>
    public static RazorComponentResult<Notice> Say(string text, string mood) => new(new { Text = text, Mood = mood });

    /// <summary>A page for whoever asks; its other parameters by name.</summary>
    /// <remarks>The result has no more of a type: what is made of Razor is unknown to what the build writes for requests.</remarks>
    public static IResult Show<TPage>(HttpContext http, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where TPage : IComponent => new RazorComponentResult<TPage>(Parameters(http, parameters));

    private static Dictionary<string, object?> Parameters(
        HttpContext http,
        params ReadOnlySpan<(string Name, object? Value)> parameters
    )
    {
        // What one sees is his alone, and old at once.
        http.Response.Headers.CacheControl = "no-store";
        var values = new Dictionary<string, object?>(StringComparer.Ordinal) { ["Visit"] = Visit.Of(http) };
        foreach (var (name, value) in parameters)
            values[name] = value;
        return values;
    }
}
