using System.Text.Json;
using System.Text.Json.Serialization;
using IoTGateway.Protocol.Messages;

namespace IoTGateway.Fuzz;

/// <summary>One entry of tests/vectors/iotgw-v1.json; its README says what each part means.</summary>
internal sealed record Vector(
    string Name,
    string Direction,
    string Type,
    string Hex,
    string? Note,
    string? Catalog,
    JsonElement? Meaning,
    string? Refused,
    bool Canonical = true
)
{
    /// <summary>The message.</summary>
    [JsonIgnore]
    public byte[] Bytes => Convert.FromHexString(Hex);

    /// <summary>True for what only a device reads.</summary>
    [JsonIgnore]
    public bool FromGateway => Direction == "gateway";

    public override string ToString() => Name;
}

/// <summary>All vectors, by name.</summary>
internal sealed class VectorFile
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly Dictionary<string, Vector> _byName;

    private VectorFile(Vector[] vectors)
    {
        All = vectors;
        _byName = vectors.ToDictionary(vector => vector.Name);
    }

    public IReadOnlyList<Vector> All { get; }

    public Vector this[string name] => _byName[name];

    /// <summary>The copy beside the program.</summary>
    public static VectorFile Load()
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "iotgw-v1.json"));
        var parts = JsonSerializer.Deserialize<Contents>(file, Format);
        return new VectorFile(parts?.Vectors ?? throw new InvalidDataException("iotgw-v1.json has no vectors."));
    }

    /// <summary>The catalog a TELEMETRY vector is read with; an empty one for every other vector.</summary>
    public Catalog CatalogOf(Vector vector)
    {
        if (vector.Catalog is null)
            return new Catalog([], []);
        if (!Catalog.TryRead(this[vector.Catalog].Bytes, out var catalog, out var error))
            throw new InvalidDataException(
                $"Vector {vector.Name} names {vector.Catalog}, which is no catalog: {error}."
            );
        return catalog;
    }

    private sealed record Contents(string Protocol, Vector[] Vectors);
}
