using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using IoTGateway.Security;
using IoTGateway.Tests.Gateway;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace IoTGateway.Tests.Dashboard;

/// <summary>Walks every endpoint there is, as nobody and as the holder of each role.</summary>
public sealed partial class RoleTests
{
    /// <summary>What is open to everybody: pages before the sign-in, health, and devices, who bring their own tokens.</summary>
    private static readonly string[] Open =
    [
        "GET /assets/{name}",
        "GET /sign-in",
        "POST /sign-in",
        "GET /healthz",
        "GET /readyz",
        "GET /api/openapi.json",
        "GET /v1/doctor",
        "* /v1/link",
        "POST /v1/messages",
        "* /v1/messages",
    ];

    /// <summary>What takes an admin; of the rest, looking takes a viewer and changing an operator.</summary>
    private static readonly string[] Admin =
    [
        "POST /api/devices",
        "PATCH /api/devices/{id}",
        "DELETE /api/devices/{id}",
        "POST /api/devices/{id}/token",
        "GET /api/backup",
        "GET /api/keys",
        "POST /api/keys",
        "DELETE /api/keys/{name}",
        "POST /api/keys/{name}/key",
        "GET /keys",
        "POST /keys",
        "POST /keys/{name}/remove",
        "POST /keys/{name}/rotate",
        "GET /add",
        "POST /add",
        "POST /devices/{id}/name",
        "POST /devices/{id}/rotate",
        "POST /devices/{id}/enable",
        "POST /devices/{id}/disable",
        "POST /devices/{id}/remove",
    ];

    private static readonly string[] Viewer = ["POST /api/sign-in-tickets", "POST /sign-out"];

    [Fact]
    public async Task Every_endpoint_opens_to_its_role_and_to_no_lesser_one()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var visitors = await Visitors.CreateAsync(gateway);
        var (walked, forms) = (0, 0);
        foreach (var (method, pattern) in Endpoints(gateway))
        {
            var name = $"{method} {pattern}";
            var path = Parameter()
                .Replace(
                    pattern,
                    match =>
                        match.Value.Contains("guid", StringComparison.Ordinal) ? $"{Guid.Empty}"
                        : match.Value.Contains("long", StringComparison.Ordinal) ? "1"
                        : "none"
                );
            var isApi = path.StartsWith("/api/", StringComparison.Ordinal) || path == "/metrics";
            foreach (var role in new Role?[] { null, Role.Viewer, Role.Operator, Role.Admin })
            {
                var status = await visitors.AskAsync(method, path, isApi, role);
                var allowed = Open.Contains(name) || role >= Needed(name, method);
                var expected =
                    allowed ? "let in"
                    : role is null ? "asked who it is"
                    : "turned away";
                var who = role?.ToString() ?? "nobody";
                Assert.True(
                    Outcome(status, isApi) == expected,
                    $"{name} as {who}: {status}, but should be {expected}."
                );
                Assert.True((int)status < 500, $"{name} as {who}: {status}.");
                // A form without its token is refused, whoever sends it.
                if (allowed && IsForm(method, path, isApi))
                {
                    Assert.True(
                        status == HttpStatusCode.BadRequest,
                        $"{name} as {who} without a token: {status}, but should be 400."
                    );
                    forms++;
                }
                walked++;
            }
        }
        Assert.True(walked > 80, $"Only {walked} calls: where are the endpoints?");
        Assert.True(forms > 20, $"Only {forms} forms: where are they?");
    }

    private static Role Needed(string name, string method) =>
        Admin.Contains(name) ? Role.Admin
        : method == "GET" || Viewer.Contains(name) ? Role.Viewer
        : Role.Operator;

    private static string Outcome(HttpStatusCode status, bool isApi) =>
        status switch
        {
            HttpStatusCode.Unauthorized => "asked who it is",
            HttpStatusCode.Redirect when !isApi => "asked who it is",
            HttpStatusCode.Forbidden => "turned away",
            _ => "let in",
        };

    /// <summary>What changes something and is a page's: neither the API's, nor what devices send.</summary>
    private static bool IsForm(string method, string path, bool isApi) =>
        !isApi && method is not ("GET" or "*") && !path.StartsWith("/v1/", StringComparison.Ordinal);

    private static IEnumerable<(string Method, string Pattern)> Endpoints(TestGateway gateway) =>
        from endpoint in gateway.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let methods = endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]
        from method in methods
        select (method, "/" + endpoint.RoutePattern.RawText?.Trim('/'));

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.ExplicitCapture, 1_000)]
    private static partial Regex Parameter();

    /// <summary>A key and a signed-in browser for each role.</summary>
    private sealed class Visitors : IDisposable
    {
        private readonly Dictionary<Role, (string Key, Browser Browser)> _byRole = [];
        private readonly HttpClient _http;
        private readonly Browser _nobody;

        private Visitors(TestGateway gateway)
        {
            _http = new HttpClient { BaseAddress = gateway.Http };
            _nobody = new Browser(gateway);
        }

        public static async Task<Visitors> CreateAsync(TestGateway gateway)
        {
            var visitors = new Visitors(gateway);
            foreach (var role in Enum.GetValues<Role>())
            {
                var key = gateway.Get<ApiKeys>().Add($"{role}".ToLowerInvariant() + "-key", role)!; // the name is free
                visitors._byRole[role] = (key, await Browser.SignedInAsync(gateway, key));
            }
            return visitors;
        }

        public Task<HttpStatusCode> AskAsync(string method, string path, bool isApi, Role? role) =>
            isApi ? CallAsync(method, path, role) : VisitAsync(method, path, role);

        public void Dispose()
        {
            foreach (var (_, browser) in _byRole.Values)
                browser.Dispose();
            _nobody.Dispose();
            _http.Dispose();
        }

        private async Task<HttpStatusCode> CallAsync(string method, string path, Role? role)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (role is { } known)
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _byRole[known].Key);
            // A stream has begun with its headers.
            using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return answer.StatusCode;
        }

        /// <summary>Without the token of a form: who is let in is told so by 400, and nothing changes.</summary>
        private async Task<HttpStatusCode> VisitAsync(string method, string path, Role? role)
        {
            var browser = role is { } known ? _byRole[known].Browser : _nobody;
            browser.Token = "";
            using var answer = await browser.SendAsync(new HttpMethod(method == "*" ? "GET" : method), path, null);
            // Signed in, a look may lead on; nobody is led to the sign-in.
            var leadsOn =
                answer.StatusCode == HttpStatusCode.Redirect
                && answer.Headers.Location?.OriginalString.StartsWith("/sign-in", StringComparison.Ordinal) != true;
            return leadsOn ? HttpStatusCode.OK : answer.StatusCode;
        }
    }
}
