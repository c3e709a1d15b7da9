using System.Text.Json;
using System.Text.Json.Serialization;

namespace IoTGateway.Fuzz;

/// <summary>One entry of tests/vectors/iotgw-v1-http.json; the README beside it says what each part means.</summary>
internal sealed record BodyVector(
    string Name,
    string Direction,
    string Hex,
    string[]? Messages,
    string? Refused,
    string? Note,
    bool Canonical = true
);

/// <summary>All bodies, by name.</summary>
internal sealed class BodyFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Dictionary<string, BodyVector> _byName;

    private BodyFile(BodyVector[] bodies)
    {
        All = bodies;
        _byName = bodies.ToDictionary(body => body.Name);
    }

    public IReadOnlyList<BodyVector> All { get; }

    public BodyVector this[string name] => _byName[name];

    /// <summary>The copy beside the program.</summary>
    public static BodyFile Load()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "iotgw-v1-http.json"));
        var parts = JsonSerializer.Deserialize<Contents>(file, Format);
        return new BodyFile(parts?.Bodies ?? throw new InvalidDataException("iotgw-v1-http.json has no bodies."));
    }

    private sealed record Contents(string Protocol, BodyVector[] Bodies);
}
