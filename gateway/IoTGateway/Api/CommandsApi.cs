using System.Text;
using System.Text.Json;
using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Protocol;

namespace IoTGateway.Api;

/// <summary><c>/api/devices/{id}/commands</c>.</summary>
internal static class CommandsApi
{
    private const int LongestTtlSeconds = 7 * 24 * 3600;
    private const int LongestWaitSeconds = 60;

    public static void MapCommands(this IEndpointRouteBuilder api)
    {
        var commands = api.MapGroup("/devices/{id}/commands").WithTags("Commands");
        commands
            .MapPost("/", SubmitAsync)
            .Produces<CommandReport>(StatusCodes.Status202Accepted)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Send a command; with 'Prefer: wait=5' the answer waits for its outcome");
        commands
            .MapGet("/", List)
            .Produces<CommandReport[]>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("A device's commands, newest first");
        commands
            .MapGet("/{commandId:guid}", Show)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One command");
        commands
            .MapDelete("/{commandId:guid}", Cancel)
            .Produces<CommandReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Take a command back while it is queued");
    }

    private static async Task<IResult> SubmitAsync(
        string id,
        CommandRequest request,
        HttpContext context,
        DeviceRegistry registry,
        CommandDispatcher dispatcher,
        TimeProvider time
    )
    {
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        if (request.Error is { } error)
            return Problems.BadRequest(error);
        // Error would have said so if the name were missing.
        var command = dispatcher.Submit(
            id,
            request.Name!,
            request.ArgumentsJson,
            request.TimeToLive,
            request.IdempotencyKey
        );
        if (command is null)
            return Problems.TooMany(
                $"Too many commands wait for '{id}' (Limits:QueuedCommandsPerDevice): cancel some, or wait until they end."
            );
        if (PreferredWait(context.Request) is { } wait)
            await WaitAsync(command, wait, time, context.RequestAborted);
        var location = $"/api/devices/{id}/commands/{command.Id}";
        context.Response.Headers.Location = location;
        return command.HasEnded
            ? TypedResults.Ok(CommandReport.Of(command))
            : TypedResults.Accepted(location, CommandReport.Of(command));
    }

    private static async Task WaitAsync(
        DeviceCommand command,
        TimeSpan wait,
        TimeProvider time,
        CancellationToken aborted
    )
    {
        try
        {
            await command.Ended.WaitAsync(wait, time, aborted);
        }
        catch (TimeoutException)
        {
            // The caller gets 202 and looks again.
        }
    }

    private static IResult List(string id, DeviceRegistry registry, CommandDispatcher dispatcher) =>
        registry.Find(id) is null
            ? Problems.UnknownDevice(id)
            : TypedResults.Ok(dispatcher.Of(id).Reverse().Select(CommandReport.Of).ToArray());

    private static IResult Show(string id, Guid commandId, CommandDispatcher dispatcher) =>
        dispatcher.Find(id, commandId) is { } command
            ? TypedResults.Ok(CommandReport.Of(command))
            : Problems.NotFound($"'{id}' has no command {commandId}.");

    private static IResult Cancel(string id, Guid commandId, CommandDispatcher dispatcher)
    {
        if (dispatcher.Find(id, commandId) is not { } command)
            return Problems.NotFound($"'{id}' has no command {commandId}.");
        return dispatcher.TryCancel(command)
            ? TypedResults.Ok(CommandReport.Of(command))
            : Problems.Conflict(
                $"The command is {CommandReport.Of(command).Status}: only a queued one can be taken back."
            );
    }

    /// <summary>RFC 7240: <c>Prefer: wait=5</c>.</summary>
    private static TimeSpan? PreferredWait(HttpRequest request)
    {
        foreach (var part in request.Headers["Prefer"].SelectMany(line => (line ?? string.Empty).Split(',')))
        {
            var preference = part.AsSpan().Trim();
            if (
                preference.StartsWith("wait=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(preference[5..], out var seconds)
                && seconds > 0
            )
                return TimeSpan.FromSeconds(Math.Min(seconds, LongestWaitSeconds));
        }
        return null;
    }

    /// <summary><c>POST …/commands</c>.</summary>
    internal sealed record CommandRequest(string? Name, JsonElement? Arguments, int? TtlSeconds, string? IdempotencyKey)
    {
        private const int DefaultTtlSeconds = 30;
        private const int LongestArguments = 3_500;

        public TimeSpan TimeToLive => TimeSpan.FromSeconds(TtlSeconds ?? DefaultTtlSeconds);

        public string ArgumentsJson =>
            Arguments is { ValueKind: JsonValueKind.Object } given ? given.GetRawText() : string.Empty;

        /// <summary>As the wire takes it: a device ends the link over any other.</summary>
        private bool HasName =>
            Name is { Length: > 0 } name
            && Encoding.UTF8.GetByteCount(name) <= ProtocolLimits.NameBytes
            && !name.Any(char.IsControl);

        /// <summary>What is wrong with it; null for nothing.</summary>
        public string? Error =>
            this switch
            {
                { HasName: false } =>
                    $"'name' has 1 to {ProtocolLimits.NameBytes} bytes, none of them a control character: GET the device to see the commands it has.",
                { Arguments.ValueKind: not (JsonValueKind.Object or JsonValueKind.Null or JsonValueKind.Undefined) } =>
                    "'arguments' is a JSON object.",
                { ArgumentsJson.Length: > LongestArguments } =>
                    $"'arguments' is longer than {LongestArguments} characters.",
                { TtlSeconds: < 1 or > LongestTtlSeconds } => $"'ttlSeconds' is 1 to {LongestTtlSeconds}.",
                { IdempotencyKey.Length: 0 or > 200 } => "'idempotencyKey' has 1 to 200 characters.",
                _ => null,
            };
    }
}
