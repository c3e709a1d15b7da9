using System.Text.Json;
using IoTGateway.Security;

namespace IoTGateway.Cli.Provisioning;

/// <summary>Which steps a board has behind it, by their fingerprints: after a failure the next run goes on there.</summary>
internal sealed class ProvisioningState
{
    private readonly string _file;
    private readonly List<string> _done;

    private ProvisioningState(string file, List<string> done)
    {
        _file = file;
        _done = done;
    }

    public static ProvisioningState Load(string file)
    {
        try
        {
            return new(file, JsonSerializer.Deserialize<List<string>>(File.ReadAllText(file)) ?? []);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return new(file, []);
        }
    }

    /// <summary>How many steps from the first on were done, with the very same files; one that differs ends the count.</summary>
    public int CountDone(IReadOnlyList<NanoffStep> steps)
    {
        var done = 0;
        while (done < steps.Count && done < _done.Count && _done[done] == steps[done].Fingerprint)
            done++;
        return done;
    }

    /// <summary>Records that a board has the first so many steps behind it.</summary>
    public void Save(IReadOnlyList<NanoffStep> steps, int done)
    {
        _done.Clear();
        _done.AddRange(steps.Take(done).Select(step => step.Fingerprint));
        PrivateFile.Write(_file, JsonSerializer.Serialize(_done));
    }
}
