using IoTGateway.Api;
using IoTGateway.Dashboard.Shell;
using IoTGateway.Devices;
using IoTGateway.Security;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IoTGateway.Dashboard.Add;

/// <summary><c>/add</c>: makes a device, and shows its token once.</summary>
internal static class AddEndpoints
{
    private const string CaPath = "/ca.pem";

    public static void MapAdd(this IEndpointRouteBuilder pages)
    {
        var add = pages.MapGroup("/add").Takes(Role.Admin);
        add.MapGet("", (HttpContext http) => Pages.Show<AddPage>(http));
        add.MapPost("", AddAsync);
        pages.MapGet(CaPath, ShowCa);
    }

    /// <summary>What devices trust: no secret, and at hand for whoever sits at another machine.</summary>
    private static IResult ShowCa(ServerCertificate certificate, DataOptions data) =>
        certificate.IsOwn
            ? TypedResults.File(
                File.ReadAllBytes(Path.Combine(data.Path, CertificateAuthority.CertificateFile)),
                "application/x-pem-file",
                CertificateAuthority.CertificateFile
            )
            : Problems.NotFound(
                "This gateway shows a certificate of Tls:Certificate: devices need the CA that issued it."
            );

    /// <summary>Shows a token, this once.</summary>
    public static IResult ShowToken(HttpContext http, IServer server, string id, string token, bool isNew)
    {
        var link = DeviceAddress.Link(http.Request, server);
        var isOwn = http.RequestServices.GetRequiredService<ServerCertificate>().IsOwn;
        var config = BoardConfig.Of(link, token, http.RequestServices.GetRequiredService<TimeProvider>());
        var (path, size) = QrPath.Of(config);
        return Pages.Show<TokenPage>(
            http,
            (nameof(TokenPage.Id), id),
            (nameof(TokenPage.Token), token),
            (nameof(TokenPage.Link), link),
            (nameof(TokenPage.IsTls), link.StartsWith("wss:", StringComparison.Ordinal)),
            (nameof(TokenPage.CaPath), isOwn ? CaPath : null),
            (nameof(TokenPage.Path), path),
            (nameof(TokenPage.Size), size),
            (nameof(TokenPage.IsNew), isNew)
        );
    }

    private static async Task<IResult> AddAsync(HttpContext http, DeviceRegistry registry, IServer server)
    {
        var form = await http.Request.ReadFormAsync();
        var id = form["id"].ToString().Trim();
        var name = form["name"].ToString().Trim();
        string? problem =
            !DeviceId.IsValid(id) ? $"An id has {DeviceId.Rule}."
            : name.Length > 0 && !DevicesApi.IsName(name) ? DevicesApi.NameRule
            : null;
        if (
            problem is null
            && await registry.AddAsync(id, name.Length > 0 ? name : null, http.RequestAborted) is { } token
        )
            return ShowToken(http, server, id, token, isNew: true);
        return Pages.Show<AddPage>(
            http,
            (nameof(AddPage.Id), id),
            (nameof(AddPage.Name), name),
            (nameof(AddPage.Problem), problem ?? $"There is a device “{id}” already: choose another id.")
        );
    }
}
