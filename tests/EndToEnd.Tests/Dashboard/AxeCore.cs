using IoTGateway.Tests;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests.Dashboard;

/// <summary>
/// axe-core from npm (MPL-2.0), fetched once into this project's obj folder: it is a tool of these tests and no part of
/// the project. Where npm is missing or reaches nothing, its test skips.
/// </summary>
internal static class AxeCore
{
    private const string Version = "4.14.1";
    private const string Npm = "/usr/bin/npm";

    private static readonly string Folder = Path.Combine(
        RepositoryRoot.Path,
        "tests",
        "EndToEnd.Tests",
        "obj",
        "axe-core"
    );

    public static async Task<string> ReadAsync()
    {
        var script = Path.Combine(Folder, "node_modules", "axe-core", "axe.min.js");
        if (!File.Exists(script))
        {
            ServerProcess.Require(Npm, "npm");
            Directory.CreateDirectory(Folder);
            var run = await ProgramRun.StartAsync(
                Npm,
                [
                    "install",
                    "--prefix",
                    Folder,
                    "--no-save",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    $"axe-core@{Version}",
                ]
            );
            var isRequired = Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1";
            Assert.True(run.ExitCode == 0 || !isRequired, run.Output);
            Assert.SkipUnless(run.ExitCode == 0, $"npm does not fetch axe-core: {run.Output}");
        }
        return await File.ReadAllTextAsync(script);
    }
}
