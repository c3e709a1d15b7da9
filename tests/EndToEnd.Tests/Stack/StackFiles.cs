using System.Text.Json;
using IoTGateway.Tests;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests.Stack;

/// <summary>Files of the stack, read as what will read them does.</summary>
internal static class StackFiles
{
    private const string Python = "/usr/bin/python3";

    public static string In(string path) => Path.Combine(RepositoryRoot.Path, path);

    /// <summary>A YAML file, held to a schema where one is given.</summary>
    public static async Task<JsonElement> ReadAsync(string path, string? schema = null)
    {
        ServerProcess.Require("/usr/lib/python3/dist-packages/yaml/__init__.py", "python3-yaml");
        ServerProcess.Require("/usr/lib/python3/dist-packages/jsonschema/__init__.py", "python3-jsonschema");
        string[] arguments = [In("tests/stack/read.py"), path];
        var run = await ProgramRun.StartAsync(Python, schema is null ? arguments : [.. arguments, schema]);
        Assert.True(run.ExitCode == 0, $"{path}: {run.Output}");
        return JsonElement.Parse(run.Output);
    }
}
