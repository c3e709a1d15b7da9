using System.Text.Encodings.Web;
using IoTGateway.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace IoTGateway.Api;

/// <summary>Knows who calls by the API key in <c>Authorization: Bearer</c>; the same answer for no key and a wrong one.</summary>
internal sealed class ApiKeyAuthentication(
    ApiKeys keys,
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization is [{ } only] ? only : string.Empty;
        if (!Credentials.TryParseBearer(header, out var key) || keys.Find(key) is not { } holder)
            return Task.FromResult(AuthenticateResult.NoResult());
        var ticket = new AuthenticationTicket(RoleAccess.Principal(holder, Scheme.Name), Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(ticket));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = "Bearer";
        return TypedResults
            .Problem(
                "Send 'Authorization: Bearer <key>' with the admin key that the first start printed. Lost it? Set Security:AdminKey and start again.",
                statusCode: StatusCodes.Status401Unauthorized
            )
            .ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problems
            .Forbidden(
                $"This takes the role {Words.Of(RoleAccess.Needed(Context))}: call with a key that has it ('iotgw key add NAME --role {Words.Of(RoleAccess.Needed(Context))}' makes one)."
            )
            .ExecuteAsync(Context);
}
