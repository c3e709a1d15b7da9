using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Api;

/// <summary><c>/api/keys</c>: who may call, and look at the dashboard.</summary>
internal static class KeysApi
{
    public static void MapKeys(this IEndpointRouteBuilder api)
    {
        var keys = api.MapGroup("/keys").WithTags("Keys").Takes(Role.Admin);
        keys.MapGet("/", List).WithSummary("All keys, by name; the keys themselves are kept nowhere");
        keys.MapPost("/", Add)
            .Produces<NewKeyReport>(StatusCodes.Status201Created)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Make a key with a role; the answer holds it, shown this once");
        keys.MapDelete("/{name}", Remove)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("End a key, and what is signed in by it");
        keys.MapPost("/{name}/key", Rotate)
            .Produces<NewKeyReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Another key for a name, shown this once; the one before ends, and what is signed in by it");
        api.MapPost("/sign-in-tickets", Issue)
            .Takes(Role.Viewer)
            .Produces<TicketReport>()
            .WithTags("Keys")
            .WithSummary("A ticket that signs a browser in to the dashboard as the caller, once, within ten minutes");
    }

    private static Ok<KeyReport[]> List(ApiKeys keys) =>
        TypedResults.Ok(keys.List().Select(key => new KeyReport(key.Name, Words.Of(key.Role))).ToArray());

    private static IResult Add(KeyRequest request, ApiKeys keys)
    {
        if (!DeviceId.IsValid(request.Name))
            return Problems.BadRequest($"'{request.Name}' is not a name for a key: it has {ApiKeys.NameRule}.");
        if (!Roles.TryParse(request.Role, out var role))
            return Problems.BadRequest($"'role' is {Roles.All}.");
        return keys.Add(request.Name!, role) is { } key // valid above, so not null
            ? TypedResults.Created($"/api/keys/{request.Name}", new NewKeyReport(request.Name!, request.Role!, key))
            : Problems.Conflict($"There is a key '{request.Name}' already: choose another name, or remove it first.");
    }

    private static IResult Remove(string name, ApiKeys keys)
    {
        if (name == ApiKeys.AdminName)
            return Problems.BadRequest(
                "The admin key stays; POST /api/keys/admin/key makes another and ends this one."
            );
        return keys.Remove(name) ? TypedResults.NoContent() : Problems.NotFound(Unknown(name));
    }

    private static IResult Rotate(string name, ApiKeys keys)
    {
        if (name == ApiKeys.AdminName && keys.IsAdminGiven)
            return Problems.Conflict("The admin key comes from Security:AdminKey: change it there, and start again.");
        if (keys.Rotate(name) is not { } key)
            return Problems.NotFound(Unknown(name));
        var role = keys.List().First(holder => holder.Name == name).Role;
        return TypedResults.Ok(new NewKeyReport(name, Words.Of(role), key));
    }

    private static string Unknown(string name) => $"There is no key '{name}'. GET /api/keys lists those there are.";

    private static Ok<TicketReport> Issue(HttpContext context, SignInTickets tickets)
    {
        var caller = context.User.Identity!.Name!; // the API lets nobody in without
        // One that was lent ends in ten minutes; who has the data folder is the admin.
        var name = ApiKeys.IsLoan(caller) ? ApiKeys.AdminName : caller;
        return TypedResults.Ok(new TicketReport(tickets.Issue(name)));
    }
}

/// <summary>A key, without its secret.</summary>
internal sealed record KeyReport(string Name, string Role);

/// <summary>A new key, shown this once.</summary>
internal sealed record NewKeyReport(string Name, string Role, string Key);

/// <summary><c>POST /api/keys</c>.</summary>
internal sealed record KeyRequest(string? Name, string? Role);

/// <summary>What stands behind <c>/sign-in#</c>.</summary>
internal sealed record TicketReport(string Ticket);
