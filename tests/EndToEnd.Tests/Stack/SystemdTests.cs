using System.Globalization;
using System.Text.RegularExpressions;
using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests.Stack;

/// <summary>The systemd unit, by systemd's own judgement. It is not started here: a test machine has no systemd that runs.</summary>
public sealed partial class SystemdTests : IDisposable
{
    private const string Analyze = "/usr/bin/systemd-analyze";
    private readonly string _folder = Directory.CreateTempSubdirectory("iotgw-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_unit_is_valid()
    {
        var run = await ProgramRun.StartAsync(Analyze, ["verify", await UnitAsync()]);
        Assert.True(run.ExitCode == 0 && !run.Output.Contains("iotgw", StringComparison.Ordinal), run.Output);
    }

    [Fact]
    public async Task The_unit_is_hardened_as_far_as_NET_allows()
    {
        var run = await ProgramRun.StartAsync(Analyze, ["security", "--offline=true", await UnitAsync()]);
        var level = Level().Match(run.Output);
        Assert.True(level.Success, run.Output);
        // 0 is best, 10 worst; an ordinary service has 9.6.
        Assert.True(double.Parse(level.Groups["level"].Value, CultureInfo.InvariantCulture) <= 2.0, run.Output);
    }

    /// <summary>The unit with a program that is there: it is verified too.</summary>
    private async Task<string> UnitAsync()
    {
        ServerProcess.Require(Analyze, "systemd");
        var unit = await File.ReadAllTextAsync(StackFiles.In("deploy/systemd/iotgw.service"));
        Assert.Contains("ExecStart=/opt/iotgw/iotgw ", unit, StringComparison.Ordinal);
        var path = Path.Combine(_folder, "iotgw.service");
        await File.WriteAllTextAsync(path, unit.Replace("/opt/iotgw/iotgw ", "/bin/true ", StringComparison.Ordinal));
        return path;
    }

    [GeneratedRegex(@"Overall exposure level for iotgw\.service: (?<level>[0-9.]+)", RegexOptions.NonBacktracking)]
    private static partial Regex Level();
}
