using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Keys;

/// <summary><c>/keys</c>: an admin makes keys for people and programs, and ends them.</summary>
internal static class KeysEndpoints
{
    public static void MapKeysPage(this IEndpointRouteBuilder pages)
    {
        var group = pages.MapGroup("/keys").Takes(Role.Admin);
        group.MapGet("", (HttpContext http, ApiKeys keys) => Show(http, keys, null, null, null));
        group.MapPost(
            "",
            async (HttpContext http, ApiKeys keys) =>
            {
                var form = await http.Request.ReadFormAsync();
                return Add(http, keys, form["name"].ToString(), form["role"]);
            }
        );
        group.MapPost("/{name}/rotate", (HttpContext http, string name, ApiKeys keys) => Rotate(http, keys, name));
        group.MapPost(
            "/{name}/remove",
            (string name, ApiKeys keys) =>
            {
                keys.Remove(name);
                return TypedResults.LocalRedirect("/keys");
            }
        );
    }

    private static IResult Add(HttpContext http, ApiKeys keys, string name, string? roleName)
    {
        if (!DeviceId.IsValid(name) || !Roles.TryParse(roleName, out var role))
            return Show(http, keys, null, null, $"A name has {ApiKeys.NameRule}; a role is {Roles.All}.");
        return keys.Add(name, role) is { } key
            ? Show(http, keys, name, key, null)
            : Show(
                http,
                keys,
                null,
                null,
                $"There is a key “{name}” already: choose another name, or remove it first."
            );
    }

    private static IResult Rotate(HttpContext http, ApiKeys keys, string name)
    {
        var key = keys.Rotate(name);
        var problem =
            name == ApiKeys.AdminName
                ? "The admin key comes from the setting Security:AdminKey: change it there, and start the gateway again."
                : $"There is no key “{name}”: it has been removed.";
        return Show(http, keys, name, key, key is null ? problem : null);
    }

    private static IResult Show(HttpContext http, ApiKeys keys, string? newName, string? newKey, string? problem) =>
        Pages.Show<KeysPage>(
            http,
            (nameof(KeysPage.Keys), keys.List().Select(key => (key.Name, Words.Of(key.Role))).ToArray()),
            (nameof(KeysPage.NewName), newName),
            (nameof(KeysPage.NewKey), newKey),
            (nameof(KeysPage.Problem), problem)
        );
}
