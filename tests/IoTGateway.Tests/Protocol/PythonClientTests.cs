using System.Diagnostics;
using IoTGateway.Bench;

namespace IoTGateway.Tests.Protocol;

public class PythonClientTests
{
    /// <summary>Debian's own, which the clients in tests/interop are written for.</summary>
    private const string Python = "/usr/bin/python3";

    [Fact]
    public async Task The_codec_written_from_PROTOCOL_md_alone_agrees_with_every_vector()
    {
        if (!File.Exists(Python))
        {
            var required = Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1";
            Assert.False(required, $"No {Python}, and IOTGW_REQUIRE_SERVERS=1 demands it.");
            Assert.Skip($"No {Python}.");
        }
        var script = Path.Combine(RepositoryRoot.Path, "tests", "interop", "check_vectors.py");
        using var check = Process.Start(
            new ProcessStartInfo(Python, ["-B", script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            }
        );
        Assert.NotNull(check);

        var said = await check.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var complaints = await check.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await check.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("", complaints);
        Assert.Contains("\"failures\": 0", said, StringComparison.Ordinal);
        Assert.Equal(0, check.ExitCode);
    }
}
