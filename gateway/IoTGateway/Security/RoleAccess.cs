using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace IoTGateway.Security;

/// <summary>
/// Who may call what. Looking takes a viewer and every other method an operator, unless the endpoint says that it takes
/// an admin: a new endpoint cannot be left open by forgetting to say so.
/// </summary>
internal static class RoleAccess
{
    /// <summary>Ways to know who calls.</summary>
    public const string KeyScheme = "ApiKey";
    public const string SessionScheme = "Session";

    public static void AddRoles(this IServiceCollection services)
    {
        services.AddSingleton<IAuthorizationHandler, RoleHandler>();
        services.AddAuthorization(authorization =>
        {
            authorization.AddPolicy(KeyScheme, policy => Require(policy, KeyScheme));
            authorization.AddPolicy(SessionScheme, policy => Require(policy, SessionScheme));
        });
    }

    /// <summary>Says that an endpoint takes this role, whatever its method.</summary>
    public static TBuilder Takes<TBuilder>(this TBuilder builder, Role role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new NeededRole(role));

    /// <summary>Who somebody is, for the platform.</summary>
    public static ClaimsPrincipal Principal(KeyHolder holder, string scheme) =>
        new(
            new ClaimsIdentity(
                [new Claim(ClaimTypes.Name, holder.Name), new Claim(ClaimTypes.Role, Words.Of(holder.Role))],
                scheme
            )
        );

    /// <summary>Who somebody is; null for nobody.</summary>
    public static KeyHolder? Holder(this ClaimsPrincipal user) =>
        user.FindFirst(ClaimTypes.Name) is { } name
        && Roles.TryParse(user.FindFirstValue(ClaimTypes.Role), out var role)
            ? new KeyHolder(name.Value, role)
            : null;

    /// <summary>What an endpoint takes.</summary>
    public static Role Needed(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<NeededRole>()?.Role
        ?? (
            HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
                ? Role.Viewer
                : Role.Operator
        );

    private static void Require(AuthorizationPolicyBuilder policy, string scheme) =>
        policy.AddAuthenticationSchemes(scheme).RequireAuthenticatedUser().AddRequirements(new RoleRequirement());

    private sealed record NeededRole(Role Role);

    private sealed class RoleRequirement : IAuthorizationRequirement;

    private sealed class RoleHandler : AuthorizationHandler<RoleRequirement>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RoleRequirement requirement)
        {
            if (
                context.Resource is HttpContext http
                && context.User.Holder() is { } holder
                && holder.Role >= Needed(http)
            )
                context.Succeed(requirement);
            return Task.CompletedTask;
        }
    }
}
