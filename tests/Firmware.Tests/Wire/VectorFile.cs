using System.Text.Json;

namespace Firmware.Tests.Wire;

/// <summary>The byte vectors that every implementation of the protocol runs (tests/vectors/README.md).</summary>
internal static class VectorFile
{
    public static Dictionary<string, JsonElement> All { get; } = Load("tests/vectors/iotgw-v1.json", "vectors");

    /// <summary>Bodies of requests and answers (PROTOCOL.md, HTTP).</summary>
    public static Dictionary<string, JsonElement> Bodies { get; } = Load("tests/vectors/iotgw-v1-http.json", "bodies");

    public static string Text(this JsonElement vector, string name) =>
        vector.GetProperty(name).GetString() ?? throw new InvalidDataException($"a vector without {name}");

    /// <summary>Numbers beyond 2^53 stand there as text.</summary>
    public static long Whole(this JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? long.Parse(value.GetString()!) : value.GetInt64();

    public static long Whole(this JsonElement meaning, string name) => meaning.GetProperty(name).Whole();

    private static Dictionary<string, JsonElement> Load(string name, string list)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, name);
            if (!File.Exists(path))
                continue;

            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return document
                .RootElement.GetProperty(list)
                .EnumerateArray()
                .Select(v => v.Clone())
                .ToDictionary(v => v.Text("name"), StringComparer.Ordinal);
        }

        throw new FileNotFoundException($"{name} is in none of the folders above {AppContext.BaseDirectory}");
    }
}
