using IoTGateway.Bench;

namespace IoTGateway.Tests.Benches;

/// <summary>The rows of a real house, which are not part of the project.</summary>
internal static class HouseFile
{
    /// <summary>Skips a test where the file is not there.</summary>
    public static void SkipWithout()
    {
        if (File.Exists(HouseData.DefaultPath))
            return;
        var required = Environment.GetEnvironmentVariable("IOTGW_REQUIRE_SERVERS") == "1";
        Assert.False(required, $"No data at {HouseData.DefaultPath}, and IOTGW_REQUIRE_SERVERS=1 demands it.");
        Assert.Skip($"No data at {HouseData.DefaultPath}.");
    }
}
