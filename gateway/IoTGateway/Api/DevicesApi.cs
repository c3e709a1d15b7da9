using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Journal;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/devices</c>: the registry, and what is known of each device.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("Devices");
        devices
            .MapPost("/", Add)
            .Produces<TokenReport>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Register a device; the answer holds its token, which is shown this once");
        devices.MapGet("/", List).WithSummary("All devices");
        devices
            .MapGet("/{id}", Show)
            .Produces<DeviceReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("One device");
        devices
            .MapPost("/{id}/token", Rotate)
            .Produces<TokenReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Give a device a new token; the old one ends at once");
        devices
            .MapPatch("/{id}", Change)
            .Produces<DeviceReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Rename, disable or enable a device");
        devices
            .MapDelete("/{id}", RemoveAsync)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Remove a device; what it sent stays in the history");
    }

    private static IResult Add(DeviceRequest request, DeviceRegistry registry)
    {
        if (!DeviceId.IsValid(request.Id))
            return Problems.BadRequest($"'{request.Id}' is not a device id: it has {DeviceId.Rule}.");
        if (request.Name is { } name && !IsName(name))
            return Problems.BadRequest(NameRule);
        return registry.Add(request.Id!, request.Name) is { } token // valid above, so not null
            ? TypedResults.Created($"/api/devices/{request.Id}", new TokenReport(request.Id!, token))
            : Problems.Conflict(
                $"There is a device '{request.Id}' already. POST /api/devices/{request.Id}/token gives it a new token."
            );
    }

    private static Ok<DeviceReport[]> List(DeviceRegistry registry, DeviceReporter reporter) =>
        TypedResults.Ok(registry.List().Select(reporter.Report).ToArray());

    private static IResult Show(string id, DeviceRegistry registry, DeviceReporter reporter) =>
        registry.Find(id) is { } device ? TypedResults.Ok(reporter.Report(device)) : Problems.UnknownDevice(id);

    private static IResult Rotate(string id, DeviceRegistry registry) =>
        registry.Rotate(id) is { } token ? TypedResults.Ok(new TokenReport(id, token)) : Problems.UnknownDevice(id);

    private static IResult Change(string id, DeviceChange change, DeviceRegistry registry, DeviceReporter reporter)
    {
        if (change.Name is { } name && !IsName(name))
            return Problems.BadRequest(NameRule);
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        if (change.Name is not null)
            registry.Rename(id, change.Name);
        if (change.Disabled is { } disabled)
            registry.SetDisabled(id, disabled);
        return Show(id, registry, reporter);
    }

    private static async Task<IResult> RemoveAsync(
        string id,
        DeviceRegistry registry,
        DeviceStatuses statuses,
        CommandDispatcher commands,
        TelemetryJournal journal,
        CancellationToken aborted
    )
    {
        if (!registry.Remove(id))
            return Problems.UnknownDevice(id);
        statuses.Forget(id);
        commands.Forget(id);
        // Whoever gets the name next counts from 1: its messages must not be taken for this one's.
        await journal.ForgetAsync(id, aborted);
        return TypedResults.NoContent();
    }

    private const string NameRule = "A name has 1 to 200 characters, none of them a control character.";

    private static bool IsName(string name) => name.Length is >= 1 and <= 200 && !name.Any(char.IsControl);
}
