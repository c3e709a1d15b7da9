using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Shell;

/// <summary>Whatever changes something must come from a page of this gateway, and prove it.</summary>
internal static class FormGuard
{
    /// <summary>Asks every request but a look for the token that the page's forms carry.</summary>
    public static TBuilder GuardForms<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(
            async (call, next) =>
            {
                var http = call.HttpContext;
                if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
                    return await next(call);
                if (!IsOwnOrigin(http.Request))
                    return Refuse();
                try
                {
                    await http.RequestServices.GetRequiredService<IAntiforgery>().ValidateRequestAsync(http);
                }
                catch (Exception e) when (e is AntiforgeryValidationException or InvalidDataException)
                {
                    return Refuse();
                }
                return await next(call);
            }
        );

    /// <summary>
    /// Whether a page of this gateway asks. Browsers say where a WebSocket and a form come from; who says nothing is no
    /// browser, and holds no cookie that he was not given.
    /// </summary>
    public static bool IsOwnOrigin(HttpRequest request) =>
        request.Headers.Origin.Count == 0
        || (request.Headers.Origin is [{ } origin] && origin == $"{request.Scheme}://{request.Host}");

    private static ProblemHttpResult Refuse() =>
        TypedResults.Problem(
            "This form is too old, or not from this gateway. Load the page again and repeat what you did.",
            statusCode: StatusCodes.Status400BadRequest
        );
}
