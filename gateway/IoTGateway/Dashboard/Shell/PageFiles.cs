using System.Collections.Frozen;
using System.Security.Cryptography;

namespace IoTGateway.Dashboard.Shell;

/// <summary>
/// The style, the script and the icon: parts of the program itself, so that it runs from any folder. Each is asked for
/// with its hash, and kept by the browser until that changes.
/// </summary>
internal static class PageFiles
{
    private const string Prefix = "assets/";

    private static readonly FrozenDictionary<string, Asset> All = typeof(PageFiles)
        .Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(Read)
        .ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>Where a page finds one.</summary>
    public static string Url(string name) => $"/{Prefix}{name}?v={All[name].Hash}";

    public static void MapPageFiles(this IEndpointRouteBuilder routes) =>
        routes.MapGet($"/{Prefix}{{name}}", Serve).AllowAnonymous().ExcludeFromDescription();

    private static IResult Serve(string name, HttpContext context)
    {
        if (!All.TryGetValue(name, out var asset))
            return TypedResults.NotFound();
        context.Response.Headers.CacheControl =
            context.Request.Query["v"] == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        return TypedResults.Bytes(asset.Bytes, asset.Type);
    }

    private static Asset Read(string resource)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream(resource)!; // one of its own names
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var name = resource[Prefix.Length..];
        var type = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            var other => throw new InvalidOperationException($"Assets/{name}: what is a {other}? Say so here."),
        };
        return new Asset(name, Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8)), type, bytes);
    }

    private sealed record Asset(string Name, string Hash, string Type, byte[] Bytes);
}
