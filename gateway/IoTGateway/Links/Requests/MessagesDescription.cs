using System.Globalization;
using IoTGateway.Protocol;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace IoTGateway.Links.Requests;

/// <summary>What the OpenAPI page says of <c>POST /v1/messages</c>: the platform cannot see it in a handler of raw bodies.</summary>
internal static class MessagesDescription
{
    private static readonly string[] BodyTypes = [BinaryBody.ContentType, JsonBody.PackType, JsonBody.ControlType];
    private static readonly string[] AnswerTypes = [BinaryBody.ContentType, JsonBody.ControlType];

    /// <summary>Statuses of PROTOCOL.md, "HTTP", 6.</summary>
    private static readonly (int Status, string Means)[] Refusals =
    [
        (400, "Not messages, or a parameter out of its range; a pack that will never be taken"),
        (401, "No or wrong credentials of a device"),
        (403, "The device is disabled, or the page's origin is not allowed"),
        (409, "The device has opened a link since"),
        (413, "Too much at a time"),
        (415, "Another Content-Type"),
        (429, "Too many requests or messages; see Retry-After"),
        (503, "Stopping, full, busy, or the disk takes nothing; see Retry-After"),
    ];

    public static Task DescribeAsync(
        OpenApiOperation operation,
        OpenApiOperationTransformerContext context,
        CancellationToken cancellationToken
    )
    {
        operation.Parameters =
        [
            Parameter(
                "wait",
                "Seconds that the answer may be held until there is something to say",
                0,
                ProtocolLimits.WaitSeconds
            ),
            Parameter(
                "every",
                "A request follows no later than this many seconds after the answer",
                1,
                ProtocolLimits.EverySeconds
            ),
        ];
        operation.RequestBody = new OpenApiRequestBody { Content = Bodies(BodyTypes), Required = true };
        operation.Responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse
            {
                Description = "All of the request is settled; what there is to say",
                Content = Bodies(AnswerTypes),
            },
        };
        foreach (var (status, means) in Refusals)
            operation.Responses[status.ToString(CultureInfo.InvariantCulture)] = new OpenApiResponse
            {
                Description = means,
                Content = Bodies("application/problem+json"),
            };
        return Task.CompletedTask;
    }

    private static OpenApiParameter Parameter(string name, string description, int least, int most) =>
        new()
        {
            Name = name,
            In = ParameterLocation.Query,
            Description = description,
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.Integer,
                Minimum = least.ToString(CultureInfo.InvariantCulture),
                Maximum = most.ToString(CultureInfo.InvariantCulture),
            },
        };

    private static Dictionary<string, OpenApiMediaType> Bodies(params string[] types) =>
        types.ToDictionary(type => type, _ => new OpenApiMediaType());
}
