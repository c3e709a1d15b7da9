using System.Security.Claims;
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
    public const string SchemeName = "ApiKey";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization is [{ } only] ? only : string.Empty;
        if (!Credentials.TryParseBearer(header, out var key) || keys.Find(key) is not { } name)
            return Task.FromResult(AuthenticateResult.NoResult());
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, name)], SchemeName);
        return Task.FromResult(
            AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName))
        );
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
}
