using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary>The API's errors: <c>application/problem+json</c> that says what to do next.</summary>
internal static class Problems
{
    public static ProblemHttpResult BadRequest(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status400BadRequest);

    public static ProblemHttpResult UnknownDevice(string id) =>
        NotFound($"There is no device '{id}'. GET /api/devices lists those there are; POST /api/devices adds one.");

    public static ProblemHttpResult NotFound(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult Conflict(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    public static ProblemHttpResult TooMany(string detail) =>
        TypedResults.Problem(detail, statusCode: StatusCodes.Status429TooManyRequests);
}
