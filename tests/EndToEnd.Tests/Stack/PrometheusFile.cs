using IoTGateway.Tests.Servers;

namespace EndToEnd.Tests.Stack;

/// <summary>deploy/prometheus/prometheus.yml, with this machine's paths and addresses in the place of the containers'.</summary>
internal static class PrometheusFile
{
    private const string Tool = "/usr/bin/promtool";

    /// <summary>For a gateway of this machine, after Prometheus' own tool has found the file right.</summary>
    public static async Task<string> ForAsync(GatewayProcess gateway, string scrapeInterval)
    {
        ServerProcess.Require(Tool, "prometheus");
        var key = Path.Combine(gateway.Folder, "prometheus.key");
        await File.WriteAllTextAsync(key, GatewayProcess.AdminKey);
        var file = await File.ReadAllTextAsync(StackFiles.In("deploy/prometheus/prometheus.yml"));
        // The tool wants both files to be there.
        file = Replace(file, "/run/secrets/iotgw-key", key);
        file = Replace(file, "/gateway/ca.pem", gateway.CaPath);
        var path = Path.Combine(gateway.Folder, "prometheus.yml");
        await File.WriteAllTextAsync(path, file);
        var check = await ProgramRun.StartAsync(Tool, ["check", "config", path]);
        Assert.True(check.ExitCode == 0, check.Output);
        file = Replace(file, "gateway:8443", $"localhost:{gateway.HttpsPort}");
        return Replace(file, "scrape_interval: 15s", $"scrape_interval: {scrapeInterval}");
    }

    private static string Replace(string text, string old, string instead)
    {
        Assert.Equal(2, text.Split(old).Length);
        return text.Replace(old, instead, StringComparison.Ordinal);
    }
}
