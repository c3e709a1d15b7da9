using IoTGateway.Commands;
using IoTGateway.Devices;
using IoTGateway.Journal;
using IoTGateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/devices</c>: the registry, and what is known of each device.</summary>
internal static class DevicesApi
{
    public static void MapDevices(this IEndpointRouteBuilder api)
    {
        var devices = api.MapGroup("/devices").WithTags("Devices");
        devices
            .MapPost("/", AddAsync)
            .Takes(Role.Admin)
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
            .MapPost("/{id}/token", RotateAsync)
            .Takes(Role.Admin)
            .Produces<TokenReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Give a device a new token; the old one ends at once");
        devices
            .MapPatch("/{id}", ChangeAsync)
            .Takes(Role.Admin)
            .Produces<DeviceReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Rename, disable or enable a device");
        devices
            .MapDelete("/{id}", RemoveAsync)
            .Takes(Role.Admin)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Remove a device; what it sent stays in the history");
    }

    private static async Task<IResult> AddAsync(
        DeviceRequest request,
        DeviceRegistry registry,
        CancellationToken aborted
    )
    {
        if (!DeviceId.IsValid(request.Id))
            return Problems.BadRequest($"'{request.Id}' is not a device id: it has {DeviceId.Rule}.");
        if (request.Name is { } name && !IsName(name))
            return Problems.BadRequest(NameRule);
        return await registry.AddAsync(request.Id!, request.Name, aborted) is { } token // valid above, so not null
            ? TypedResults.Created($"/api/devices/{request.Id}", new TokenReport(request.Id!, token))
            : Problems.Conflict(
                $"There is a device '{request.Id}' already. POST /api/devices/{request.Id}/token gives it a new token."
            );
    }

    private static Ok<DeviceReport[]> List(DeviceRegistry registry, DeviceReporter reporter) =>
        TypedResults.Ok(reporter.Report(registry.List()));

    private static IResult Show(string id, DeviceRegistry registry, DeviceReporter reporter) =>
        registry.Find(id) is { } device ? TypedResults.Ok(reporter.Report(device)) : Problems.UnknownDevice(id);

    private static async Task<IResult> RotateAsync(string id, DeviceRegistry registry, CancellationToken aborted) =>
        await registry.RotateAsync(id, aborted) is { } token
            ? TypedResults.Ok(new TokenReport(id, token))
            : Problems.UnknownDevice(id);

    private static async Task<IResult> ChangeAsync(
        string id,
        DeviceChange change,
        DeviceRegistry registry,
        DeviceReporter reporter,
        CancellationToken aborted
    )
    {
        if (change.Name is { } name && !IsName(name))
            return Problems.BadRequest(NameRule);
        if (registry.Find(id) is null)
            return Problems.UnknownDevice(id);
        if (change.Name is not null)
            await registry.RenameAsync(id, change.Name, aborted);
        if (change.Disabled is { } disabled)
            await registry.SetDisabledAsync(id, disabled, aborted);
        return Show(id, registry, reporter);
    }

    /// <summary>Removes a device from everywhere but the history.</summary>
    public static async Task<IResult> RemoveAsync(
        string id,
        DeviceRegistry registry,
        DeviceStatuses statuses,
        CommandDispatcher commands,
        TelemetryJournal journal,
        CancellationToken aborted
    )
    {
        if (!await registry.RemoveAsync(id, aborted))
            return Problems.UnknownDevice(id);
        statuses.Forget(id);
        await commands.ForgetAsync(id, aborted);
        // Whoever gets the name next counts from 1: its messages must not be taken for this one's.
        await journal.ForgetAsync(id, aborted);
        return TypedResults.NoContent();
    }

    public const string NameRule = "A name has 1 to 200 characters, none of them a control character.";

    /// <summary>What people may call a device.</summary>
    public static bool IsName(string name) => name.Length is >= 1 and <= 200 && !name.Any(char.IsControl);
}
