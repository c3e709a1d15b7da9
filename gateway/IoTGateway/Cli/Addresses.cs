using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace IoTGateway.Cli;

/// <summary>Where a running gateway can be reached.</summary>
/// <param name="Https">Over TLS; null where that is off.</param>
/// <param name="Http">On loopback; null where that is off.</param>
internal sealed record Addresses(Uri? Https, Uri? Http)
{
    public IEnumerable<Uri> All => new[] { Https, Http }.OfType<Uri>();

    /// <summary>For a program on this machine: without TLS where it can be had.</summary>
    public Uri Local => Http ?? Https!; // ListenOptions forbids neither

    /// <summary>Where devices connect.</summary>
    public Uri Link
    {
        get
        {
            var link = new UriBuilder(Https ?? Local) { Path = "/v1/link" };
            link.Scheme = Https is null ? "ws" : "wss";
            return link.Uri;
        }
    }

    public static Addresses Of(WebApplication app) => Of(app.Services.GetRequiredService<IServer>());

    /// <summary>Of a server that listens.</summary>
    public static Addresses Of(IServer server)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        Uri? Find(string scheme) =>
            bound
                .Where(address => address.StartsWith(scheme, StringComparison.Ordinal))
                .Select(Reachable)
                .FirstOrDefault();
        return new Addresses(Find("https://"), Find("http://"));
    }

    private static Uri Reachable(string bound)
    {
        var address = new UriBuilder(bound);
        if (
            !IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)
            || ip.Equals(IPAddress.IPv6Any)
            || ip.Equals(IPAddress.Any)
        )
            address.Host = "localhost";
        return address.Uri;
    }
}
