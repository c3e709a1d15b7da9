using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Devices;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/devices/{id}/commands</c>.</summary>
internal static class CommandsApi
{
    public static void MapCommands(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/devices/{id}/commands").WithTags("Commands");
        commands
            .MapPost("/", SubmitAsync)
            .Produces<CommandReport>(StatusCodes.Status202Accepted)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Send a command; with 'Prefer: wait=5' the answer waits for its outcome");
        commands
            .MapGet("/", List)
            .Produces<CommandReport[]>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A device's commands, newest first");
        commands
            .MapGet("/{commandId:guid}", ShowAsync)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary(
                "One command; with 'Prefer: wait=5' and changes=n the answer waits until it has more than n changes"
            );
        commands
            .MapDelete("/{commandId:guid}", CancelAsync)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable)
            .WithSummary("Take a command back while it is queued");
    }

    private static async Task<IResult> SubmitAsync(
        string id,
        CommandRequest request,
        HttpContext context,
        CommandDispatcher dispatcher,
        CancellationToken aborted
    )
    {
        if (!request.TryOrder(id, Requester.Of(context), out var order))
            return Problems.BadRequest("'arguments' is a JSON object.");
        // Once taken in, it is on its way, whether or not the caller stays to hear of it.
        var submission = await dispatcher.SubmitAsync(order, CancellationToken.None);
        if (submission.Command is not { } command)
            return Refusal(submission);
        if (PreferredWait.Of(context.Request) is { } wait)
            command = await dispatcher.WaitAsync(command, wait, nextChange: false, aborted);
        var location = $"/api/devices/{id}/commands/{command.Id}";
        context.Response.Headers.Location = location;
        return command.HasEnded
            ? TypedResults.Ok(CommandReport.Of(command))
            : TypedResults.Accepted(location, CommandReport.Of(command));
    }

    private static ProblemHttpResult Refusal(Submission submission) =>
        TypedResults.Problem(
            submission.Detail,
            statusCode: submission.Outcome switch
            {
                SubmissionOutcome.Invalid => StatusCodes.Status400BadRequest,
                SubmissionOutcome.UnknownDevice => StatusCodes.Status404NotFound,
                SubmissionOutcome.KeyReused => StatusCodes.Status422UnprocessableEntity,
                SubmissionOutcome.TooMany => StatusCodes.Status429TooManyRequests,
                _ => StatusCodes.Status503ServiceUnavailable,
            }
        );

    private static IResult List(string id, DeviceRegistry registry, CommandDispatcher dispatcher) =>
        registry.Find(id) is null
            ? Problems.UnknownDevice(id)
            : TypedResults.Ok(dispatcher.Of(id).Reverse().Select(CommandReport.Of).ToArray());

    private static async Task<IResult> ShowAsync(
        string id,
        Guid commandId,
        HttpContext context,
        CommandDispatcher dispatcher,
        CancellationToken aborted,
        int? changes = null
    )
    {
        if (dispatcher.Find(id, commandId) is not { } command)
            return Unknown(id, commandId);
        if (PreferredWait.Of(context.Request) is { } wait && command.Changes.Length <= (changes ?? int.MaxValue))
            command = await dispatcher.WaitAsync(command, wait, nextChange: changes is not null, aborted);
        return TypedResults.Ok(CommandReport.Of(command));
    }

    private static async Task<IResult> CancelAsync(
        string id,
        Guid commandId,
        HttpContext context,
        CommandDispatcher dispatcher
    ) =>
        await dispatcher.CancelAsync(id, commandId, Requester.Of(context), CancellationToken.None) switch
        {
            { Outcome: CancellationOutcome.Cancelled, Command: { } command } => TypedResults.Ok(
                CommandReport.Of(command)
            ),
            { Command: { } command } => Problems.Conflict(
                $"The command is {Words.Of(command.Status)}: only a queued one can be taken back."
            ),
            { Outcome: CancellationOutcome.Unknown } => Unknown(id, commandId),
            _ => Problems.Unavailable(Cancellation.UnavailableDetail),
        };

    private static ProblemHttpResult Unknown(string id, Guid commandId) =>
        Problems.NotFound($"'{id}' has no command {commandId}. GET /api/devices/{id}/commands lists those kept.");
}

/// <summary><c>POST …/commands</c>.</summary>
/// <param name="Name">What to do; the device's catalog lists what it can.</param>
/// <param name="Arguments">A JSON object.</param>
/// <param name="TtlSeconds">How long it may be run, 1 to 604,800; 30 without it.</param>
/// <param name="IdempotencyKey">The same key again is the same command, for as long as that is kept.</param>
internal sealed record CommandRequest(string? Name, JsonElement? Arguments, long? TtlSeconds, string? IdempotencyKey)
{
    /// <summary>The wish as every way of asking puts it; false where its arguments are no object.</summary>
    public bool TryOrder(string device, string by, out CommandOrder order)
    {
        var json = Arguments is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : string.Empty;
        // Past a year it is wrong all the same, and no TimeSpan overflows.
        var ttl = TtlSeconds is { } seconds
            ? TimeSpan.FromSeconds(Math.Clamp(seconds, -1, 366 * 24 * 3600))
            : CommandOrder.DefaultTimeToLive;
        order = new CommandOrder(device, Name, json, ttl, IdempotencyKey, by);
        return Arguments
            is null
                or { ValueKind: JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined };
    }
}
