using IoTGateway.Dashboard.Shell;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary>The API's errors: <c>application/problem+json</c> that says what to do next.</summary>
internal static class Problems
{
    /// <summary>Gives the platform's own refusals (bad JSON, an unknown path, the wrong method) a body as well.</summary>
    public static void UseProblems(this WebApplication app) =>
        app.UseStatusCodePages(pages =>
        {
            var status = pages.HttpContext.Response.StatusCode;
            var detail = status switch
            {
                StatusCodes.Status400BadRequest =>
                    "The request cannot be read: compare its JSON and its parameters with GET /api/openapi.json.",
                StatusCodes.Status404NotFound => "There is nothing here: GET /api/openapi.json lists all there is.",
                StatusCodes.Status405MethodNotAllowed =>
                    "The path does not know this method: GET /api/openapi.json lists those it knows.",
                StatusCodes.Status415UnsupportedMediaType => "Send 'Content-Type: application/json'.",
                _ => null,
            };
            // A path of nobody's may be a page's.
            return status == StatusCodes.Status404NotFound && Pages.WantsPage(pages.HttpContext)
                ? Pages.Problem(pages.HttpContext, status, null).ExecuteAsync(pages.HttpContext)
                : TypedResults.Problem(detail, statusCode: status).ExecuteAsync(pages.HttpContext);
        });

    public static ProblemHttpResult BadRequest(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    public static ProblemHttpResult UnknownDevice(string id) =>
        NotFound($"There is no device '{id}'. GET /api/devices lists those there are; POST /api/devices adds one.");

    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Forbidden(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status403Forbidden);

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult Unavailable(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status503ServiceUnavailable);

    public static ProblemHttpResult TooMany(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests);
}
