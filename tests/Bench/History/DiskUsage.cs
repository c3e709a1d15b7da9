using System.Diagnostics;
using System.Globalization;

namespace IoTGateway.Bench.History;

/// <summary>What files take of the disk. Their lengths would not tell: InfluxDB makes some that are mostly holes.</summary>
internal static class DiskUsage
{
    /// <summary>Bytes of a folder or file, as <c>du</c> counts them.</summary>
    public static async Task<long> OfAsync(string path)
    {
        using var du =
            Process.Start(
                new ProcessStartInfo("du", ["--summarize", "--block-size=1", path])
                {
                    RedirectStandardOutput = true,
                    UseShellExecute = false,
                }
            ) ?? throw new InvalidOperationException("du does not start.");
        var text = await du.StandardOutput.ReadToEndAsync();
        // A file that went while du looked at it is no matter: it is asked until nothing changes.
        await du.WaitForExitAsync();
        return long.Parse(text.Split('\t')[0], CultureInfo.InvariantCulture);
    }
}
